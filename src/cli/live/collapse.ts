/**
 * Chooses which rows of a tree to show when they do not all fit. A row that is not simply up is never left out for one
 * that is. First, branches in which all is well become one line each, innermost first, then longest first; elsewhere
 * the children that are well become one line. If that is still too much, the rest is counted.
 */
import type { Node } from "../../runtime/read/Control.ts"
import { branchGlyphs, type Gap, type Row, rowsOf, stateOf } from "../print/table.ts"

/** A node with a summary of everything below it. */
interface TreeRow {
  readonly node: Node
  readonly parent: TreeRow | undefined
  readonly branches: ReadonlyArray<TreeRow>
  /** Levels below it. */
  readonly height: number
  /** Nodes without children, itself included. */
  readonly leaves: number
  readonly up: number
  /** It and everything below it is up, or down for good. */
  readonly calm: boolean
  /** How many lines it takes now. */
  rows: number
  /** Its line stands for everything below it. */
  collapsed: boolean
  /** Its calm children are one line. */
  thinned: boolean
  /** Left out, with everything below it. */
  hidden: boolean
}

/** At most `limit` rows, and at least one. */
export function collapse(root: Node, limit: number): ReadonlyArray<Row | Gap> {
  const all: Array<TreeRow> = []
  const tree = treeRowOf(root, undefined, all)
  if (tree.rows <= limit) return rowsOf(root)
  const branches = all.filter(({ branches, parent }) => branches.length > 0 && parent !== undefined)
  branches.sort((a, b) => a.height - b.height || b.rows - a.rows)
  for (const branch of branches) {
    if (tree.rows <= limit) break
    if (branch.calm) collapseBranch(branch)
    else thin(branch)
  }
  const out = tree.rows > limit ? leaveOut(all, Math.max(0, limit - 1)) : []
  return [...print(tree), ...out]
}

function treeRowOf(node: Node, parent: TreeRow | undefined, all: Array<TreeRow>): TreeRow {
  const state = stateOf(node)
  const branches: Array<TreeRow> = []
  const children = node.children ?? []
  const leaves = children.length === 0 ? 1 : 0
  const calm = state === "up" || state === "down"
  const summary = { height: 0, leaves, up: state === "up" ? leaves : 0, calm, rows: 1 }
  const row = { node, parent, branches, ...summary, collapsed: false, thinned: false, hidden: false }
  all.push(row)
  for (const child of children) {
    const below = treeRowOf(child, row, all)
    branches.push(below)
    row.height = Math.max(row.height, below.height + 1)
    row.leaves += below.leaves
    row.up += below.up
    row.calm &&= below.calm
    row.rows += below.rows
  }
  return row
}

/** Everything below it becomes part of its own line. */
function collapseBranch(branch: TreeRow): void {
  save(branch, branch.rows - 1)
  branch.collapsed = true
}

/** Its calm children become one line. */
function thin(branch: TreeRow): void {
  const calm = branch.branches.filter((below) => below.calm)
  const rows = calm.reduce((sum, below) => sum + below.rows, 0)
  if (rows < 2) return
  for (const below of calm) below.hidden = true
  branch.thinned = true
  save(branch, rows - 1)
}

function save(branch: TreeRow, rows: number): void {
  for (let row: TreeRow | undefined = branch; row !== undefined; row = row.parent) row.rows -= rows
}

/** Keeps `room` lines, first those that are not calm, and returns the line that counts the others. */
function leaveOut(all: ReadonlyArray<TreeRow>, room: number): ReadonlyArray<Gap> {
  const shown = all.filter(isVisible)
  const chosen = new Set<TreeRow>()
  let left = room
  for (const wanted of [false, true]) {
    for (const row of shown) {
      const rows = row.thinned ? 2 : 1
      if (row.calm !== wanted || left < rows) continue
      if (row.parent !== undefined && !chosen.has(row.parent)) continue
      chosen.add(row)
      left -= rows
    }
  }
  for (const row of shown) row.hidden = !chosen.has(row)
  // A missing row is missing with everything below it.
  const missing = shown.filter(({ hidden, parent }) => hidden && (parent === undefined || chosen.has(parent)))
  return [{ branch: "", remark: sayMore(missing) }]
}

const isVisible = (row: TreeRow): boolean => {
  if (row.hidden) return false
  for (let above = row.parent; above !== undefined; above = above.parent) if (above.collapsed || above.hidden) return false
  return true
}

function print(tree: TreeRow): ReadonlyArray<Row | Gap> {
  const rows: Array<Row | Gap> = []
  const visit = (row: TreeRow, branch: string, below: string): void => {
    const { node, collapsed, leaves, up, thinned, branches } = row
    if (row.hidden) return
    rows.push(collapsed ? { branch, node, collapsed: { leaves, up } } : { branch, node })
    if (collapsed) return
    const visible = branches.filter(({ hidden }) => !hidden)
    for (const [i, child] of visible.entries()) visit(child, ...branchGlyphs(below, !thinned && i === visible.length - 1))
    if (!thinned) return
    rows.push({ branch: branchGlyphs(below, true)[0], remark: sayMore(branches.filter(({ calm }) => calm)) })
  }
  visit(tree, "", "")
  return rows
}

function sayMore(branches: ReadonlyArray<TreeRow>): string {
  const leaves = branches.reduce((sum, row) => sum + row.leaves, 0)
  const up = branches.reduce((sum, row) => sum + row.up, 0)
  return `… ${leaves} more, ${up === leaves ? "all up" : `${up} of them up`}`
}
