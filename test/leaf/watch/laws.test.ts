/** The laws of the watch hold of the watch that we have. */
import { describe, it } from "vitest"
import { load } from "./Law.ts"
import { laws } from "./laws.ts"

describe("the watch over a process", async () => {
  const watching = await load(new URL("../../../src/", import.meta.url).href)
  for (const { title, holds } of laws) it(title, async () => await holds(watching))
})
