/** Whether a worker has recently written a line. */
import { expect, it } from "vitest"
import { log } from "../../../src/tree/constructors.ts"
import { runSpec } from "./checks.ts"

it("a recent matching line is well", async () => {
  const lastMatched = (age: number | undefined) => ({ lastMatch: (pattern: string) => (pattern === "served" ? age : undefined) })
  expect(await runSpec(log("served", { maxAge: "1 minute" }), lastMatched(60_000))).toBeUndefined()
  expect(await runSpec(log("served", { maxAge: "1 minute" }), lastMatched(90_000))).toBe(
    "the last line of its output that matches /served/ came 1m 30s ago, 1m allowed"
  )
  expect(await runSpec(log("other", { maxAge: "1 minute" }), lastMatched(0))).toBe("no line of its output has matched /other/ yet")
})
