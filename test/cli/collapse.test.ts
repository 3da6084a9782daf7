/** Which rows of a tree that does not fit are shown. */

import { expect, it } from "vitest"
import { collapse } from "../../src/cli/live/collapse.ts"
import { idOf } from "../../src/core/Path.ts"
import type { Node } from "../../src/runtime/read/Control.ts"

const alive = { type: "worker", incarnation: 1, restarts: 0, since: 0, hold: false } as const
const leaf = (path: string, phase: Node["phase"] = "up"): Node => ({ ...alive, path, phase })
const branch = (path: string, children: ReadonlyArray<Node>, phase: Node["phase"] = "up"): Node => ({
  ...leaf(path, phase),
  type: "supervisor",
  children
})
const leaves = (path: string, count: number, phase: (i: number) => Node["phase"] = () => "up") =>
  Array.from({ length: count }, (_, i) => leaf(`${path}/${i + 1}`, phase(i + 1)))

/** A line for each row, as in the table; a collapsed branch with its counts. */
const rows = (root: Node, limit: number) => {
  const shown = collapse(root, limit)
  expect(shown.length).toBeLessThanOrEqual(Math.max(1, limit))
  return shown.map((row) => {
    if ("remark" in row) return row.branch + row.remark
    const { branch, node, collapsed } = row
    const id = idOf(node.path)
    return `${branch}${id} ${collapsed === undefined ? node.phase : `${collapsed.up}/${collapsed.leaves}`}`
  })
}

const shop = branch("/shop", [
  branch("/shop/jobs", leaves("/shop/jobs", 812)),
  branch("/shop/web", [leaf("/shop/web/a"), leaf("/shop/web/b")]),
  leaf("/shop/db")
])

it("shows all of a tree that fits", () => {
  expect(rows(branch("/a", leaves("/a", 2)), 3)).toEqual(["a up", "├─ 1 up", "└─ 2 up"])
})

it("collapses what is well, the largest first, and no more than it must", () => {
  expect(rows(shop, 7)).toEqual(["shop up", "├─ jobs 812/812", "├─ web up", "│  ├─ a up", "│  └─ b up", "└─ db up"])
  expect(rows(shop, 5)).toEqual(["shop up", "├─ jobs 812/812", "├─ web 2/2", "└─ db up"])
})

it("collapses an outer branch only when the inner ones were not enough", () => {
  const inner = (id: string) => branch(`/a/b/${id}`, leaves(`/a/b/${id}`, 3))
  const tree = branch("/a", [branch("/a/b", [inner("c"), inner("d")]), leaf("/a/e")])
  expect(rows(tree, 5)).toEqual(["a up", "├─ b up", "│  ├─ c 3/3", "│  └─ d 3/3", "└─ e up"])
  expect(rows(tree, 4)).toEqual(["a up", "├─ b 6/6", "└─ e up"])
})

it("counts what has finished as down", () => {
  const tree = branch("/a", [
    branch(
      "/a/b",
      leaves("/a/b", 9, (i) => (i > 6 ? "down" : "up"))
    )
  ])
  expect(rows(tree, 3)).toEqual(["a up", "└─ b 6/9"])
})

it("keeps showing what is not up, and counts what is", () => {
  const jobs = leaves("/shop/jobs", 812, (i) => (i === 7 ? "backoff" : i === 700 ? "stopping" : "up"))
  const tree = branch("/shop", [branch("/shop/jobs", jobs), leaf("/shop/db")])
  const expected = ["shop up", "├─ jobs up", "│  ├─ 7 backoff", "│  ├─ 700 stopping", "│  └─ … 810 more, all up", "└─ db up"]
  expect(rows(tree, 10)).toEqual(expected)
})

it("shows what is on hold or blocked among them", () => {
  const jobs = [{ ...leaf("/a/b/mail", "down"), hold: true }, { ...leaf("/a/b/stuck", "stopping"), blocked: [7] }, ...leaves("/a/b", 5)]
  const expected = ["a up", "└─ b up", "   ├─ mail down", "   ├─ stuck stopping", "   └─ … 5 more, all up"]
  expect(rows(branch("/a", [branch("/a/b", jobs)]), 5)).toEqual(expected)
})

it("counts the rest where many children of one supervisor do not fit, those that are not up first", () => {
  const tree = branch(
    "/a",
    leaves("/a", 500, (i) => (i === 400 ? "starting" : "up"))
  )
  expect(rows(tree, 5)).toEqual(["a up", "├─ 1 up", "├─ 2 up", "└─ 400 starting", "… 497 more, all up"])
})

it("says how many of the rest are up where not all are", () => {
  const tree = branch(
    "/a",
    leaves("/a", 500, (i) => (i <= 100 ? "up" : "starting")),
    "starting"
  )
  expect(rows(tree, 4)).toEqual(["a starting", "├─ 101 starting", "└─ 102 starting", "… 498 more, 100 of them up"])
})

it("fits any number of rows, and loses no leaf", () => {
  const phases = ["up", "up", "up", "backoff", "down", "starting"] as const
  const treeAt = (path: string, depth: number, seed: number): Node =>
    depth === 0
      ? leaf(path, phases[seed % phases.length]!)
      : branch(
          path,
          Array.from({ length: (seed % 5) + 1 }, (_, i) => treeAt(`${path}/${i}`, depth - 1, (seed * 31 + i * 7) % 101))
        )
  for (let seed = 0; seed < 60; seed++) {
    const tree = treeAt("/a", 3, seed)
    const count = (node: Node): number => (node.children === undefined ? 1 : node.children.reduce((sum, child) => sum + count(child), 0))
    for (let limit = 1; limit < 40; limit++) {
      const leavesShown = collapse(tree, limit).reduce((sum, row) => {
        if ("remark" in row) return sum + Number(/… (\d+) more/.exec(row.remark)![1])
        return sum + (row.collapsed?.leaves ?? (row.node.children === undefined ? 1 : 0))
      }, 0)
      expect(leavesShown, `seed ${seed}, ${limit} rows`).toBe(count(tree))
      rows(tree, limit)
    }
  }
})
