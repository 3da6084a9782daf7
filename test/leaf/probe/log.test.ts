/** What a worker has said lately. */
import { expect, it } from "vitest"
import { log } from "../../../src/tree/constructors.ts"
import { ask } from "./asking.ts"

it("a line that matched lately is well", async () => {
  const said = (age: number | undefined) => ({ lastMatch: (pattern: string) => (pattern === "served" ? age : undefined) })
  expect(await ask(log("served", { maxAge: "1 minute" }), said(60_000))).toBeUndefined()
  expect(await ask(log("served", { maxAge: "1 minute" }), said(90_000))).toBe(
    "the last line of its output that matches /served/ came 1m 30s ago, 1m allowed"
  )
  expect(await ask(log("other", { maxAge: "1 minute" }), said(0))).toBe("no line of its output has matched /other/ yet")
})
