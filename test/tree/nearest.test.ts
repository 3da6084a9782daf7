/** Which path was meant by one that does not exist. */
import { expect, it } from "vitest"
import { nearestPath } from "../../src/tree/problems/nearest.ts"

const paths = ["/shop", "/shop/db", "/shop/web", "/shop/front", "/shop/front/db", "/shop/front/proxy", "/shop/jobs", "/shop/jobs/1"]

it.each([
  ["a sibling with a similar name", "/shop/wed", "/shop/web"],
  ["two letters swapped, before another letter", "/shop/wbe", "/shop/web"],
  ["a part left out, and a letter", "/shop/prxy", "/shop/front/proxy"],
  ["no short name that shares only the path with it", "/shop/xy", undefined],
  ["a sibling before a path with the same id elsewhere", "/shop/front/bd", "/shop/front/db"],
  ["a part left out", "/shop/proxy", "/shop/front/proxy"],
  ["another root", "/store/proxy", "/shop/front/proxy"],
  ["the first of two with that end", "/store/db", "/shop/db"],
  ["a number that is gone", "/shop/jobs/7", "/shop/jobs/1"],
  ["a misspelt root", "/shp", "/shop"],
  ["a misspelt part", "/shop/frnt/prox", "/shop/front/proxy"],
  ["nothing similar", "/shop/elephants", undefined],
  ["an empty path", "", undefined]
])("%s", (_, path, meant) => expect(nearestPath(path, paths)).toBe(meant))
