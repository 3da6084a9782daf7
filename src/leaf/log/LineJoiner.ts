/** Turns the entries of one log into its lines: the pieces of a line are put together, and each belongs to a run. */
import { type LogStream, type Mark, markOf, parseEntry } from "./entry.ts"

/** A line, or what the keeper says, in the log of one worker. */
export type LogItem = {
  readonly time: string
  /** Undefined if its beginning is in no file any more. */
  readonly incarnation: number | undefined
} & (LogLine | Mark)

interface LogLine {
  readonly _tag: "Line"
  readonly stream: LogStream
  readonly text: Buffer
  /** Its end is not there: lines are missing, or the keeper was killed. */
  readonly isTorn: boolean
}

/** A longer line is cut. */
const LINE_MOST_BYTES = 16 * 1024 * 1024

interface Open {
  readonly pieces: Array<Buffer>
  readonly bytes: number
  /** Of its last piece. */
  readonly time: string
}

export class LineJoiner {
  private readonly path: string
  private incarnation: number | undefined
  private time = ""
  private readonly open = new Map<LogStream, Open>()

  /** `incarnation`: to which the first lines belong, if that is known. */
  constructor(path: string, incarnation?: number) {
    this.path = path
    this.incarnation = incarnation
  }

  /** Adds a line of a file, without its newline, and passes on what is complete by that. */
  add(line: Buffer, found: (item: LogItem) => void): void {
    const entry = parseEntry(line)
    if (entry === undefined) return this.addTorn(line, found)
    const { time, stream, text } = entry
    this.time = time
    const mark = markOf(entry, this.path)
    if (mark !== undefined) return this.addMark(time, mark, found)
    const open = this.open.get(stream)
    if (open === undefined && entry.isLast) return found(this.line(time, stream, text, false))
    const { pieces, bytes }: Omit<Open, "time"> = open ?? { pieces: [], bytes: 0 }
    pieces.push(text)
    if (!entry.isLast && bytes + text.length < LINE_MOST_BYTES) {
      this.open.set(stream, { pieces, bytes: bytes + text.length, time })
      return
    }
    this.open.delete(stream)
    found(this.line(time, stream, Buffer.concat(pieces), !entry.isLast))
  }

  /** What comes after a mark continues no line before it. */
  private addMark(time: string, mark: Mark, found: (item: LogItem) => void): void {
    for (const [stream, open] of this.open) found(this.line(open.time, stream, Buffer.concat(open.pieces), true))
    this.open.clear()
    if (mark._tag !== "Gap") this.incarnation = mark.incarnation
    found({ time, incarnation: this.incarnation, ...mark })
    if (mark._tag === "End") this.incarnation = undefined
  }

  private addTorn(line: Buffer, found: (item: LogItem) => void): void {
    if (line.length > 0) found(this.line(this.time, "stderr", line, true))
  }

  private line(time: string, stream: LogStream, text: Buffer, isTorn: boolean): LogItem {
    return { _tag: "Line", time, incarnation: this.incarnation, stream, text, isTorn }
  }
}
