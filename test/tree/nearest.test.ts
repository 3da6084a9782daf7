/** Which path somebody meant who named one that is not there. */
import { expect, it } from "vitest"
import { nearestPath } from "../../src/tree/problems/nearest.ts"

const paths = ["/shop", "/shop/db", "/shop/web", "/shop/front", "/shop/front/db", "/shop/front/proxy", "/shop/jobs", "/shop/jobs/1"]

it.each([
  ["a sibling of a like name", "/shop/wed", "/shop/web"],
  ["a sibling before one of the same id elsewhere", "/shop/front/bd", "/shop/front/db"],
  ["the way there left out", "/shop/proxy", "/shop/front/proxy"],
  ["another root", "/store/proxy", "/shop/front/proxy"],
  ["the first of two that end so", "/store/db", "/shop/db"],
  ["a number that is gone", "/shop/jobs/7", "/shop/jobs/1"],
  ["a misspelt root", "/shp", "/shop"],
  ["a letter amiss on the way", "/shop/frnt/prox", "/shop/front/proxy"],
  ["nothing like it", "/shop/elephants", undefined],
  ["nothing at all", "", undefined]
])("%s", (_, path, meant) => expect(nearestPath(path, paths)).toBe(meant))
