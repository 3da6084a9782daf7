import * as Result from "effect/Result"
import { expect, it } from "vitest"
import { decodeTreeResult } from "../../src/tree/decode.ts"
import { cases, sayCase } from "./badTrees.ts"

it.each(cases.map((one) => [one[0], one] as const))("a tree that cannot run says so: %s", (_, one) => {
  const decoded = decodeTreeResult(one[1], "tree.ts")
  expect(Result.isFailure(decoded) ? decoded.failure.message : decoded).toBe(sayCase("tree.ts", one))
})
