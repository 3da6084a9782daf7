/** What is in logs, as lines for people or for machines. */
import type { LogStream } from "../../leaf/log/entry.ts"
import type { PathItem } from "../../leaf/log/reading.ts"
import { clock, colourOf, outputOf, type Paint } from "./lines.ts"
import { jsonText } from "./terminal.ts"

type LineOf = (item: PathItem) => string

/** As in the foreground: output stands behind a short name, and what is said about a worker behind its path. */
export function logLinesFor(paint: Paint, shortName: (path: string) => string, today = new Date()): LineOf {
  const when = (time: string): string => paint("dim", sayTime(new Date(time), today))
  return (item) => {
    if (item._tag === "Line") {
      const sign = paint("dim", item.stream === "stderr" ? "!" : "|")
      const mark = item.isTorn ? paint("dim", "…") : ""
      return `${when(item.time)} ${paint(colourOf(item.path), shortName(item.path))} ${sign} ${outputOf(item.text.toString())}${mark}`
    }
    return `${when(item.time)} ${paint(colourOf(item.path), item.path)} ${paint(item._tag === "Gap" ? "yellow" : "dim", sayMark(item))}`
  }
}

/** Days are told apart only where it is not today. */
function sayTime(at: Date, today: Date): string {
  if (Number.isNaN(at.getTime())) return "-"
  if (at.toDateString() === today.toDateString()) return clock(at.getTime())
  const two = (n: number): string => String(n).padStart(2, "0")
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(at.getTime())}`
}

/** Follows the path. */
function sayMark(item: Exclude<PathItem, { readonly _tag: "Line" }>): string {
  switch (item._tag) {
    case "Begin":
      return `incarnation ${item.incarnation} runs as pid ${item.pid}`
    case "End":
      return `incarnation ${item.incarnation} ${item.code === undefined ? `was killed by ${item.signal}` : `exited with code ${item.code}`}`
    case "Gap":
      return `${item.lines} ${item.lines === 1 ? "line" : "lines"} (${item.bytes} bytes) missing: the log could not be written`
    case "Skipped":
      return item.because
  }
}

interface JsonLine {
  readonly path: string
  readonly incarnation: number | null
  readonly stream: LogStream
  readonly time: string
  readonly line: string
  readonly torn?: true
}

/** A line has `line`; everything else has an `event` instead. What is no UTF-8 becomes U+FFFD. */
export function logJson(item: PathItem): string {
  if (item._tag === "Line") {
    const { path, incarnation = null, stream, time, text, isTorn } = item
    return jsonText({ path, incarnation, stream, time, line: text.toString(), ...(isTorn && { torn: true }) } satisfies JsonLine)
  }
  const { _tag: event, path, time, ...rest } = item
  return jsonText({ path, ...("incarnation" in rest && { incarnation: rest.incarnation ?? null }), time, event, ...rest })
}
