import { expect, it } from "vitest"
import { RecentMap } from "../../src/runtime/RecentMap.ts"

it("forgets what was set longest ago, and what is set again is the latest", () => {
  const map = new RecentMap<string, number>(2)
  const all = () => ["a", "b", "c"].map((key) => map.get(key))
  map.set("a", 1)
  map.set("b", 2)
  expect(all()).toEqual([1, 2, undefined])
  map.set("a", 3)
  expect(all()).toEqual([3, 2, undefined])
  map.set("c", 4)
  expect(all()).toEqual([3, undefined, 4])
})
