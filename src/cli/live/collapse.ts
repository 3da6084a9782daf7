/**
 * Which rows of a tree to show where not all of them fit. What is not simply up is never left out for what is: branches in which all is
 * well are folded to one line, innermost first, the longest first; where something is wrong, those that are well step back; and when even
 * that is too much, the rest is counted.
 */
import type { Node } from "../../runtime/read/Control.ts"
import { branchGlyphs, type Gap, type Row, rowsOf, stateOf } from "../print/table.ts"

/** A node, with what can be said of all that is below it. */
interface TreeRow {
  readonly node: Node
  readonly parent: TreeRow | undefined
  readonly branches: ReadonlyArray<TreeRow>
  /** Levels below it. */
  readonly height: number
  /** Without children, itself included. */
  readonly leaves: number
  readonly up: number
  /** Nothing happens here: it and all below it are up, or down for good. */
  readonly calm: boolean
  /** So many lines it takes now. */
  rows: number
  /** Its line stands for all below. */
  folded: boolean
  /** Its calm children are one line. */
  thinned: boolean
  /** Left out, with all below. */
  hidden: boolean
}

/** At most `limit` rows, and at least one. */
export function collapse(root: Node, limit: number): ReadonlyArray<Row | Gap> {
  const all: Array<TreeRow> = []
  const whole = grow(root, undefined, all)
  if (whole.rows <= limit) return rowsOf(root)
  const branches = all.filter(({ branches, parent }) => branches.length > 0 && parent !== undefined)
  branches.sort((a, b) => a.height - b.height || b.rows - a.rows)
  for (const branch of branches) {
    if (whole.rows <= limit) break
    if (branch.calm) close(branch)
    else thin(branch)
  }
  const out = whole.rows > limit ? leaveOut(all, Math.max(0, limit - 1)) : []
  return [...print(whole), ...out]
}

function grow(node: Node, parent: TreeRow | undefined, all: Array<TreeRow>): TreeRow {
  const state = stateOf(node)
  const branches: Array<TreeRow> = []
  const children = node.children ?? []
  const leaves = children.length === 0 ? 1 : 0
  const calm = state === "up" || state === "down"
  const seen = { height: 0, leaves, up: state === "up" ? leaves : 0, calm, rows: 1 }
  const bough = { node, parent, branches, ...seen, folded: false, thinned: false, hidden: false }
  all.push(bough)
  for (const child of children) {
    const below = grow(child, bough, all)
    branches.push(below)
    bough.height = Math.max(bough.height, below.height + 1)
    bough.leaves += below.leaves
    bough.up += below.up
    bough.calm &&= below.calm
    bough.rows += below.rows
  }
  return bough
}

/** All that is below it in its own line. */
function close(branch: TreeRow): void {
  save(branch, branch.rows - 1)
  branch.folded = true
}

/** Those of its children that are well in one line. */
function thin(branch: TreeRow): void {
  const calm = branch.branches.filter((below) => below.calm)
  const rows = calm.reduce((sum, below) => sum + below.rows, 0)
  if (rows < 2) return
  for (const below of calm) below.hidden = true
  branch.thinned = true
  save(branch, rows - 1)
}

function save(branch: TreeRow, rows: number): void {
  for (let bough: TreeRow | undefined = branch; bough !== undefined; bough = bough.parent) bough.rows -= rows
}

/** Chooses so many lines, those first where something happens, and answers the line that counts the others. */
function leaveOut(all: ReadonlyArray<TreeRow>, room: number): ReadonlyArray<Gap> {
  const shown = all.filter(isVisible)
  const chosen = new Set<TreeRow>()
  let left = room
  for (const wanted of [false, true]) {
    for (const bough of shown) {
      const rows = bough.thinned ? 2 : 1
      if (bough.calm !== wanted || left < rows) continue
      if (bough.parent !== undefined && !chosen.has(bough.parent)) continue
      chosen.add(bough)
      left -= rows
    }
  }
  for (const bough of shown) bough.hidden = !chosen.has(bough)
  // Whoever is missing is missing with all below.
  const missing = shown.filter(({ hidden, parent }) => hidden && (parent === undefined || chosen.has(parent)))
  return [{ branch: "", remark: sayMore(missing) }]
}

const isVisible = (bough: TreeRow): boolean => {
  if (bough.hidden) return false
  for (let above = bough.parent; above !== undefined; above = above.parent) if (above.folded || above.hidden) return false
  return true
}

function print(whole: TreeRow): ReadonlyArray<Row | Gap> {
  const rows: Array<Row | Gap> = []
  const visit = (bough: TreeRow, branch: string, below: string): void => {
    const { node, folded, leaves, up, thinned, branches } = bough
    if (bough.hidden) return
    rows.push(folded ? { branch, node, folded: { leaves, up } } : { branch, node })
    if (folded) return
    const visible = branches.filter(({ hidden }) => !hidden)
    for (const [i, child] of visible.entries()) visit(child, ...branchGlyphs(below, !thinned && i === visible.length - 1))
    if (!thinned) return
    rows.push({ branch: branchGlyphs(below, true)[0], remark: sayMore(branches.filter(({ calm }) => calm)) })
  }
  visit(whole, "", "")
  return rows
}

function sayMore(branches: ReadonlyArray<TreeRow>): string {
  const leaves = branches.reduce((sum, bough) => sum + bough.leaves, 0)
  const up = branches.reduce((sum, bough) => sum + bough.up, 0)
  return `… ${leaves} more, ${up === leaves ? "all up" : `${up} of them up`}`
}
