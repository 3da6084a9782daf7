/** The laws of the monitors hold for the real monitors. */
import { describe, it } from "vitest"
import { load } from "./Law.ts"
import { laws } from "./laws.ts"

describe("the monitors of a process", async () => {
  const monitors = await load(new URL("../../../src/", import.meta.url).href)
  for (const { title, holds } of laws) it(title, async () => await holds(monitors))
})
