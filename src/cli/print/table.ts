/**
 * A running tree as a table: a row for each node, with the given columns.
 *
 * ```
 * NAME        KIND        STATE        PID   UPTIME  RESTARTS  NEXT          LAST EXIT
 * shop        RestForOne  up                2m 05s         0
 * ├─ db       worker      up          4711  2m 05s         0
 * └─ jobs     pool of 2   up                2m 04s         0
 *    ├─ 1     worker      up          4713  2m 04s         0
 *    └─ 2     worker      backoff                          3  in 2.3s       exit 1
 * ```
 *
 * All texts in it (ids, our own words and the names of errors) are narrow characters, so a length is a width; but for
 * STATUS, which is what the processes say, and comes last. Cutting happens before colouring.
 */

import { idOf } from "../../core/Path.ts"
import type { Node, Snapshot } from "../../runtime/read/Control.ts"
import { sayElapsed } from "../../tree/duration.ts"
import type { Paint } from "./lines.ts"
import { sayNext, sayShort } from "./tableWords.ts"
import type { UsageColumn } from "./usage.ts"

export type Column =
  | "name"
  | "kind"
  | "state"
  | "pid"
  | "incarnation"
  | "uptime"
  | "restarts"
  | "next"
  | "lastExit"
  | "status"
  | UsageColumn

/** `branch`: the tree's lines to the left of the name. */
export interface Row {
  readonly branch: string
  readonly node: Node
  /** If its line stands for everything below it: how many leaves there are, and how many of them are up. */
  readonly collapsed?: { readonly leaves: number; readonly up: number }
}

/** A remark in place of rows that were left out. */
export interface Gap {
  readonly branch: string
  readonly remark: string
}

interface TableOptions {
  readonly columns: ReadonlyArray<Column>
  /** No line is wider. The least important columns go first, then names are shortened. */
  readonly width: number
  readonly paint: Paint
  /** Default: a row for every node. */
  readonly rows?: ReadonlyArray<Row | Gap>
  /** Only for the columns of usage. */
  readonly usage?: (column: UsageColumn, path: string) => string
}

/** The lines of the table; the first has the titles of the columns. */
export function tableOf(
  snapshot: Snapshot,
  { columns, width, paint, rows = rowsOf(snapshot.root), usage = () => "" }: TableOptions
): ReadonlyArray<string> {
  const cells = rows.map((row) => ("node" in row ? columns.map((column) => cellOf(column, row, snapshot.now, usage)) : row))
  const natural = columns.map((column, i) => {
    const longest = cells.reduce((most, row) => ("remark" in row ? most : Math.max(most, widthOf(row[i]!))), COLUMNS[column].title.length)
    return { column, i, width: Math.max(longest, COLUMNS[column].atLeast) }
  })
  const kept = squeeze(natural, width)
  const line = (all: ReadonlyArray<Cell>) =>
    lineOf(
      kept.map(({ i }) => all[i]!),
      kept,
      width,
      paint
    )
  const titles = columns.map((column): Cell => ({ text: COLUMNS[column].title, style: "dim" }))
  const remark = ({ branch, remark }: Gap) => paint("dim", cut(branch + remark, width))
  return [line(titles), ...cells.map((row) => ("remark" in row ? remark(row) : line(row)))]
}

/** Every node, a parent before its children. */
export function rowsOf(root: Node): ReadonlyArray<Row> {
  const rows: Array<Row> = []
  const visit = (node: Node, branch: string, below: string): void => {
    rows.push({ branch, node })
    const children = node.children ?? []
    for (const [i, child] of children.entries()) visit(child, ...branchGlyphs(below, i === children.length - 1))
  }
  visit(root, "", "")
  return rows
}

/**
 * The tree's lines to the left of a child's name, and to the left of what is below that child. `below`: the same for
 * its parent.
 */
export const branchGlyphs = (below: string, last: boolean): [string, string] => [
  below + (last ? "└─ " : "├─ "),
  below + (last ? "   " : "│  ")
]

/**
 * The state in one word. What is being stopped is `stopping` even on the operator's request; `hold` is for what is
 * down. What is up but not well is named by its health.
 */
export function stateOf({
  phase,
  hold,
  blocked,
  health,
  suspect
}: Node): Node["phase"] | "hold" | "blocked" | "suspect" | "degraded" | "unhealthy" {
  if (blocked !== undefined) return "blocked"
  if (hold && phase === "down") return "hold"
  if (phase !== "up") return phase
  if (suspect !== undefined) return "suspect"
  return health?.status === "degraded" || health?.status === "unhealthy" ? health.status : "up"
}

// ---------------------------------------------------------------- cells

type Style = Parameters<Paint>[0]

interface Cell {
  /** The tree's lines in front of a name. */
  readonly before?: string
  readonly text: string
  readonly style?: Style
}

/** `atLeast`: the minimal width, so that a table that is redrawn does not change its layout. */
const COLUMNS: { readonly [column in Column]: { readonly title: string; readonly atLeast: number; readonly right?: true } } = {
  name: { title: "NAME", atLeast: 8 },
  kind: { title: "KIND", atLeast: 10 },
  state: { title: "STATE", atLeast: 8 },
  pid: { title: "PID", atLeast: 6, right: true },
  incarnation: { title: "INC", atLeast: 3, right: true },
  uptime: { title: "UPTIME", atLeast: 7, right: true },
  restarts: { title: "RESTARTS", atLeast: 8, right: true },
  next: { title: "NEXT", atLeast: 12 },
  processes: { title: "PROCS", atLeast: 5, right: true },
  cpu: { title: "CPU", atLeast: 6, right: true },
  memory: { title: "MEMORY", atLeast: 9, right: true },
  files: { title: "FILES", atLeast: 5, right: true },
  read: { title: "READ", atLeast: 9, right: true },
  written: { title: "WRITTEN", atLeast: 9, right: true },
  lastExit: { title: "LAST EXIT", atLeast: 9 },
  status: { title: "STATUS", atLeast: 6 }
}

const stateStyles: { readonly [state in ReturnType<typeof stateOf>]: Style } = {
  up: "green",
  starting: "cyan",
  backoff: "yellow",
  pending: "yellow",
  restarting: "yellow",
  stopping: "yellow",
  hold: "magenta",
  suspect: "yellow",
  degraded: "yellow",
  unhealthy: "red",
  blocked: "red",
  failed: "red",
  down: "dim"
}

function cellOf(column: Column, { branch, node, collapsed }: Row, now: number, usage: NonNullable<TableOptions["usage"]>): Cell {
  const state = stateOf(node)
  switch (column) {
    case "name": {
      const id = idOf(node.path)
      return node.type === "worker" ? { before: branch, text: id } : { before: branch, text: id, style: "bold" }
    }
    case "kind":
      return { text: kindOf(node), style: "dim" }
    case "state": {
      const text =
        collapsed === undefined
          ? state
          : collapsed.up === collapsed.leaves
            ? `${collapsed.up} up`
            : `${collapsed.up} of ${collapsed.leaves} up`
      return { text, style: stateStyles[state] }
    }
    case "pid":
      return { text: node.pid === undefined ? "" : String(node.pid) }
    case "incarnation":
      return { text: String(node.incarnation), style: "dim" }
    case "uptime":
      return { text: node.phase === "up" ? sayElapsed(now - node.since) : "" }
    case "restarts":
      return { text: String(node.restarts), style: node.restarts > 0 ? "yellow" : "dim" }
    case "next":
      return { text: sayNext(node, now), style: stateStyles[state] }
    case "status":
      return { text: cut(node.status ?? "", STATUS_WIDTH) }
    case "lastExit":
      return { text: node.lastExit === undefined ? "" : sayShort(node.lastExit), style: "dim" }
    default:
      return { text: usage(column, node.path), ...(node.type === "worker" ? {} : { style: "dim" as const }) }
  }
}

/** A process may say as much as it likes; `why` shows all of it. */
const STATUS_WIDTH = 40

const kindOf = ({ type, strategy, children }: Node): string =>
  type === "pool" ? (children === undefined ? "pool" : `pool of ${children.length}`) : type === "supervisor" ? (strategy ?? type) : type

// ---------------------------------------------------------------- lines

interface Slot {
  readonly column: Column
  /** The index among the requested columns. */
  readonly i: number
  readonly width: number
}

const BETWEEN = "  "
const ELLIPSIS = "…"
/** Longer names are shortened before columns are left out. */
const ENOUGH_COLUMNS = 32
/** The columns that may be left out when there is no room, the least important first. */
const EXPENDABLE: ReadonlyArray<Column> = [
  ...(["status", "kind", "incarnation", "read", "written", "files", "processes", "cpu", "memory"] as const),
  ...(["lastExit", "pid", "restarts", "uptime", "next", "state"] as const)
]

const widthOf = ({ before = "", text }: Cell): number => before.length + text.length
const total = (slots: ReadonlyArray<Slot>): number => slots.reduce((sum, { width }) => sum + width + BETWEEN.length, -BETWEEN.length)

function squeeze(slots: ReadonlyArray<Slot>, width: number): ReadonlyArray<Slot> {
  const shortest = (slot: Slot): Slot => (slot.column === "name" ? { ...slot, width: Math.min(slot.width, ENOUGH_COLUMNS) } : slot)
  let kept = slots
  for (const column of EXPENDABLE) {
    if (total(kept.map(shortest)) <= width || kept.length === 1) break
    kept = kept.filter((slot) => slot.column !== column)
  }
  const excess = Math.max(0, total(kept) - width)
  return kept.map((slot) => (slot.column === "name" ? { ...slot, width: Math.max(1, slot.width - excess) } : slot))
}

function lineOf(cells: ReadonlyArray<Cell>, slots: ReadonlyArray<Slot>, width: number, paint: Paint): string {
  let line = ""
  let gap = ""
  let left = width
  cells.forEach(({ before = "", text, style }, i) => {
    const slot = slots[i]!
    const room = Math.max(0, Math.min(slot.width, left - gap.length))
    const shown = cut(before + text, room)
    const padding = " ".repeat(Number.isFinite(room) ? room - shown.length : 0)
    if (shown !== "") {
      const [tree, words] = [shown.slice(0, before.length), shown.slice(before.length)]
      const painted = (tree === "" ? "" : paint("dim", tree)) + (words === "" || style === undefined ? words : paint(style, words))
      const right = COLUMNS[slot.column].right === true
      line += gap + (right ? padding + painted : painted)
      left -= gap.length + shown.length + (right ? padding.length : 0)
      gap = right ? BETWEEN : padding + BETWEEN
    } else gap += padding + BETWEEN
  })
  return line
}

const cut = (text: string, room: number): string => (text.length <= room ? text : room < 1 ? "" : text.slice(0, room - 1) + ELLIPSIS)
