/** How a node is named: by its path, without its root, or by any end of it that no other path has. */
import { expect, it } from "vitest"
import { notFound, pathNamed, shortNames } from "../../src/core/Name.ts"
import { sayRefusal } from "../../src/core/Sentence.ts"

const paths = [
  "/shop",
  "/shop/db",
  "/shop/front",
  "/shop/front/web",
  "/shop/front/db",
  "/shop/back",
  "/shop/back/web",
  "/shop/jobs",
  "/shop/jobs/1",
  "/shop/jobs/12",
  "/shop/shop"
]

it.each([
  ["a path", "/shop/front/web", "/shop/front/web"],
  ["a path that ends in a slash", "/shop/front/", "/shop/front"],
  ["a path without its slash", "shop/front/web", "/shop/front/web"],
  ["a path without its root", "front/web", "/shop/front/web"],
  ["an end", "jobs", "/shop/jobs"],
  ["an end of several parts", "jobs/12", "/shop/jobs/12"],
  ["the number of an instance", "12", "/shop/jobs/12"],
  ["a path without its root before an end", "db", "/shop/db"],
  ["the root before its child", "shop", "/shop"],
  ["nothing, as a path", "wbe", "/shop/wbe"],
  ["nothing, as a path with its root", "shop/wbe", "/shop/wbe"],
  ["a path that does not exist, and is the end of another", "/web", "/web"],
  ["nothing at all", "", ""],
  ["a part of an id, which is no end", "eb", "/shop/eb"]
])("%s", (_, name, path) => expect(pathNamed(name, paths)).toBe(path))

it("is refused if it is the end of several paths, which are listed", () => {
  const why = pathNamed("web", paths)
  expect(why).toEqual({ _tag: "Ambiguous", path: "web", candidates: ["/shop/front/web", "/shop/back/web"] })
  if (typeof why !== "string") expect(sayRefusal(why)).toBe("web may be /shop/front/web or /shop/back/web. Write more of its path.")
})

it("lists the first eight, and counts the others", () => {
  const many = Array.from({ length: 20 }, (_, n) => `/shop/group${n + 1}/web`)
  const why = pathNamed("web", ["/shop", ...many])
  const first = many.slice(0, 8).join(", ")
  expect(typeof why === "string" ? why : sayRefusal(why)).toBe(`web may be ${first} and 12 more. Write more of its path.`)
})

it("says what was probably meant", () => {
  expect(sayRefusal(notFound("/shop/jbos", paths))).toBe("There is no /shop/jbos in this tree. Did you mean /shop/jobs?")
  expect(sayRefusal(notFound("/shop/elephant", paths))).toBe("There is no /shop/elephant in this tree.")
})

it.each([
  ["/shop", "shop"],
  ["/shop/shop", "shop/shop"],
  ["/shop/front", "front"],
  ["/shop/front/web", "front/web"],
  ["/shop/db", "shop/db"],
  ["/shop/front/db", "front/db"],
  ["/shop/jobs/1", "jobs/1"],
  ["/shop/jobs/4711", "jobs/4711"],
  ["/shop/added", "/shop/added"]
])("%s is shown as %s", (path, name) => expect(shortNames(paths)(path)).toBe(name))

it("a short name stands for its path", () => {
  for (const path of paths) expect(pathNamed(shortNames(paths)(path), paths)).toBe(path)
})
