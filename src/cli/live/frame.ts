/** The frame at the bottom of the screen: a divider, the tree as a table, and a summary. */
import type { Node, Snapshot } from "../../runtime/read/Control.ts"
import type { Paint } from "../print/lines.ts"
import { type Column, stateOf, tableOf } from "../print/table.ts"
import { collapse } from "./collapse.ts"

const COLUMNS: ReadonlyArray<Column> = ["name", "kind", "state", "pid", "uptime", "restarts", "next", "lastExit"]
/** The share of the screen it may take; the rest is for the lines above. */
const MAX_SHARE = 2 / 3
/** The lines around the rows: the divider, the headings and the summary. */
const FIXED_LINES = 3

interface FrameOptions {
  /** The size of the terminal. */
  readonly columns: number
  readonly rows: number
  readonly paint: Paint
  /** What Ctrl-C would do now. */
  readonly advice: string
}

interface Frame {
  readonly lines: ReadonlyArray<string>
  /** Something is being waited for, so tenths of seconds are shown. */
  readonly isCounting: boolean
}

export function frameOf(snapshot: Snapshot, { columns, rows, paint, advice }: FrameOptions): Frame {
  const counts = countStates(snapshot.root)
  const summary = `${[...counts].map(([state, count]) => `${count} ${state}`).join(" · ")} · ${advice}`.slice(0, columns)
  const isCounting = counts.has("backoff") || counts.has("stopping")
  const room = Math.floor(rows * MAX_SHARE) - FIXED_LINES
  if (room < 1) return { lines: [paint("dim", summary)], isCounting }
  const table = tableOf(snapshot, { columns: COLUMNS, width: columns, paint, rows: collapse(snapshot.root, room) })
  const divider = "─".repeat(Math.min(columns, DIVIDER_COLUMNS))
  return { lines: [paint("dim", divider), ...table, paint("dim", summary)], isCounting }
}

/** As wide as the table usually is; narrower than most terminals, so that a slightly narrower one does not wrap it. */
const DIVIDER_COLUMNS = 72

/** How many workers are in each state: first up, then the others in the order of the tree. */
function countStates(root: Node): ReadonlyMap<string, number> {
  const counts = new Map<string, number>([["up", 0]])
  const visit = (node: Node): void => {
    const state = stateOf(node)
    if (node.type === "worker") counts.set(state, (counts.get(state) ?? 0) + 1)
    node.children?.forEach(visit)
  }
  visit(root)
  return counts
}
