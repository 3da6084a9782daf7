import { expect, it } from "vitest"
import { take } from "../../src/leaf/take.ts"

it("what is taken is not there any more, and the rest is", () => {
  const map = new Map([
    ["a", 1],
    ["b", 2]
  ])
  expect([take(map, "a"), take(map, "a"), take(map, "c")]).toEqual([1, undefined, undefined])
  expect([...map]).toEqual([["b", 2]])
})
