/** What stands at the bottom of the screen: a line that divides, the tree as a table, and how it is altogether. */
import type { Node, Snapshot } from "../../runtime/read/Control.ts"
import type { Paint } from "../print/lines.ts"
import { type Column, stateOf, tableOf } from "../print/table.ts"
import { collapse } from "./collapse.ts"

const COLUMNS: ReadonlyArray<Column> = ["name", "kind", "state", "pid", "uptime", "restarts", "next", "lastExit"]
/** So much of the screen it may take at most; above it people read. */
const SHARE = 2 / 3
/** The divider, the headings and the last line. */
const AROUND = 3

interface Place {
  /** Of the terminal. */
  readonly columns: number
  readonly rows: number
  readonly paint: Paint
  /** What Ctrl-C would do now. */
  readonly advice: string
}

interface Frame {
  readonly lines: ReadonlyArray<string>
  /** Is somebody waited for, so that tenths of seconds are shown? */
  readonly counting: boolean
}

export function frameOf(snapshot: Snapshot, { columns, rows, paint, advice }: Place): Frame {
  const census = countStates(snapshot.root)
  const summary = `${[...census].map(([state, count]) => `${count} ${state}`).join(" · ")} · ${advice}`.slice(0, columns)
  const counting = census.has("backoff") || census.has("stopping")
  const room = Math.floor(rows * SHARE) - AROUND
  if (room < 1) return { lines: [paint("dim", summary)], counting }
  const table = tableOf(snapshot, { columns: COLUMNS, width: columns, paint, rows: collapse(snapshot.root, room) })
  const divider = "─".repeat(Math.min(columns, DIVIDER))
  return { lines: [paint("dim", divider), ...table, paint("dim", summary)], counting }
}

/** As wide as the table with its usual names; narrower than most terminals, so that it is not broken when one is made a little narrower. */
const DIVIDER = 72

/** How many workers are in which state: those that are up, then the others in the order of the tree. */
function countStates(root: Node): ReadonlyMap<string, number> {
  const census = new Map<string, number>([["up", 0]])
  const visit = (node: Node): void => {
    const state = stateOf(node)
    if (node.type === "worker") census.set(state, (census.get(state) ?? 0) + 1)
    node.children?.forEach(visit)
  }
  visit(root)
  return census
}
