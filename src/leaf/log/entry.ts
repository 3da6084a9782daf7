/**
 * One line of a log file, in the format of the Container Runtime Interface, as the keeper writes it:
 *
 *   2026-11-27T09:40:06.123456789Z stdout F the text       F: a whole line, or the last piece of one; P: a piece
 *
 * Entries of the keeper's own say where incarnations begin and end, and how many lines are missing.
 */
import { signalName } from "../keeper/signals.ts"

export type LogStream = "stdout" | "stderr"

interface Entry {
  /** RFC 3339 in UTC with nanoseconds: as text, earlier is smaller. */
  readonly time: string
  readonly stream: LogStream
  /** False: a piece, and the next entry of this stream continues the line. */
  readonly isLast: boolean
  /** As it was written: any bytes but a newline. */
  readonly text: Buffer
}

/** What the keeper says itself. */
export type Mark =
  | { readonly _tag: "Begin"; readonly incarnation: number; readonly pid: number }
  | { readonly _tag: "End"; readonly incarnation: number; readonly code: number | undefined; readonly signal: string | undefined }
  | { readonly _tag: "Gap"; readonly lines: number; readonly bytes: number }

const HEAD = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) (stdout|stderr) ([FP]) $/
const HEAD_BYTES = 40

/** Undefined if it is none: a keeper that was killed leaves half of one. `line`: without its newline. */
export function parseEntry(line: Buffer): Entry | undefined {
  const [, time, stream, tag] = HEAD.exec(line.toString("latin1", 0, HEAD_BYTES)) ?? []
  if (time === undefined) return undefined
  return { time, stream: stream as LogStream, isLast: tag === "F", text: line.subarray(HEAD_BYTES) }
}

const OF_INCARNATION = /^--- (.*): incarnation (\d+) (?:begins, pid (\d+)|ended with code (\d+)|ended by signal (\d+)) ---$/
const GAP = /^--- (\d+) lines \((\d+) bytes\) are missing here, as the log could not be written ---$/
const DASH = 0x2d
/** A path has at most 1,000 bytes. */
const MARK_MOST_BYTES = 1_200

/** What this entry says about the log of `path`; undefined if it is output. */
export function markOf({ stream, isLast, text }: Entry, path: string): Mark | undefined {
  if (stream !== "stderr" || !isLast || text[0] !== DASH || text[1] !== DASH || text.length > MARK_MOST_BYTES) return undefined
  const words = text.toString()
  const [, lines, bytes] = GAP.exec(words) ?? []
  if (lines !== undefined) return { _tag: "Gap", lines: Number(lines), bytes: Number(bytes) }
  const [, of, incarnation, pid, code, signal] = OF_INCARNATION.exec(words) ?? []
  if (of !== path) return undefined
  if (pid !== undefined) return { _tag: "Begin", incarnation: Number(incarnation), pid: Number(pid) }
  const how = code === undefined ? { code: undefined, signal: signalName(Number(signal)) } : { code: Number(code), signal: undefined }
  return { _tag: "End", incarnation: Number(incarnation), ...how }
}
