/**
 * Reads traces from files: `seq,send_us,recv_us`, a line per beat, with or without a header; both times in µs of one
 * monotonic clock.
 */
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { gunzipSync } from "node:zlib"
import type { Stall, Trace } from "./Trace.ts"

/** With fewer beats there is nothing to learn, and no mean. */
const MIN_BEATS = 20
const MAX_BEATS = 5_000_000
const NUMBER = /^\d{1,18}$/

/** Why a file is not a trace, as a sentence. */
export class BadTrace extends Error {
  /** True if the file cannot be read. */
  readonly missing: boolean
  constructor(sentence: string, missing = false) {
    super(sentence)
    this.missing = missing
  }
}

/** `everyMs`: what the child promised; by default its median interval. */
export function readTrace(file: string, everyMs?: number): Trace {
  const rows = readRows(file, 3, "seq,send_us,recv_us")
  if (rows.length < MIN_BEATS) throw new BadTrace(`${file}: found ${rows.length} beats, expected ${MIN_BEATS} or more.`)
  const late = rows.findIndex(([seq, , received], n) => n > 0 && (received! < rows[n - 1]![2]! || seq! <= rows[n - 1]![0]!))
  if (late > 0) throw new BadTrace(`${file}: beat ${rows[late]![0]} comes after beat ${rows[late - 1]![0]}, expected them in order.`)
  const [seq, sent, received] = [0, 1, 2].map((column) => rows.map((row) => row[column]! / (column === 0 ? 1 : 1000)))
  const intervals = received!.slice(1).map((at, n) => at - received![n]!)
  const median = intervals.sort((a, b) => a - b)[Math.floor(intervals.length / 2)]!
  if (!(median > 0)) throw new BadTrace(`${file}: most beats come at once, expected them apart.`)
  return { name: basename(file.replace(/\.gz$/, ""), ".csv"), everyMs: everyMs ?? median, seq: seq!, sent: sent!, received: received! }
}

/** A tick that is this late is a stall; less is the timer's resolution. */
const LATE_MS = 10

/** When a supervisor did not run, from how late its own ticks were: `t_us,lag_us`. */
export const readStalls = (file: string): ReadonlyArray<Stall> =>
  readRows(file, 2, "t_us,lag_us")
    .map(([at, lag]) => ({ from: (at! - lag!) / 1000, to: at! / 1000 }))
    .filter(({ from, to }) => to - from > LATE_MS)

function readRows(file: string, columns: number, names: string): ReadonlyArray<ReadonlyArray<number>> {
  const lines = textOf(file).split(/\r?\n/)
  if (lines.at(-1) === "") lines.pop()
  if (lines.length > MAX_BEATS) throw new BadTrace(`${file}: found ${lines.length} lines, expected ${MAX_BEATS} at the most.`)
  const header = /^[a-z]/i.test(lines[0] ?? "") ? 1 : 0
  return lines.slice(header).map((line, n) => {
    const cells = line.split(",").map((cell) => cell.trim())
    const isRow =
      cells.length === columns && cells.every((cell, i) => NUMBER.test(i === 1 && columns === 2 ? cell.replace(/^-/, "") : cell))
    if (!isRow)
      throw new BadTrace(`${file}:${n + 1 + header}: found ${JSON.stringify(line.slice(0, 60))}, expected ${names} as whole numbers.`)
    return cells.map(Number)
  })
}

function textOf(file: string): string {
  try {
    const bytes = readFileSync(file)
    return (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8")
  } catch (error) {
    throw new BadTrace(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? error}.`, true)
  }
}
