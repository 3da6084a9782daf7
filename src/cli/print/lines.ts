/** Events as lines for people. */
import { styleText } from "node:util"
import { sayEvent } from "../../runtime/read/eventText.ts"
import type { TreeEvent, TreeEventBody } from "../../runtime/read/TreeEvent.ts"
import { keepColours } from "./terminal.ts"

export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string

/** Colours if the stream is a terminal that supports them; honours NO_COLOR and FORCE_COLOR. */
export const paintFor =
  (stream: NodeJS.WriteStream): Paint =>
  (style, text) => {
    const [before = "", after = ""] = styleText(style, "|", { stream }).split("|").map(keepColours)
    return before + text + after
  }

/** An event as one line; undefined if it is not shown. */
type LineOf = (event: TreeEvent) => string | undefined

/**
 * Output stands behind a short name, so that it fits the terminal. A line that comes in pieces is marked where it is
 * torn. `Starting` of a worker is not shown, since `Spawned` comes right after it and has the pid.
 */
export function linesFor(paint: Paint, shortName = (path: string): string => path): LineOf {
  const torn = new Set<string>()

  /** The last piece of a line may be missing, if lines were dropped. */
  const forget = (path: string): void => {
    for (const key of torn) if (key.startsWith(`${path} `)) torn.delete(key)
  }

  const output = ({ path, incarnation, stream, text, continues }: Extract<TreeEvent, { readonly _tag: "Line" }>): string | undefined => {
    const key = `${path} ${incarnation} ${stream}`
    const isRest = continues ? torn.has(key) : torn.delete(key)
    if (continues) torn.add(key)
    if (isRest && !continues && text === "") return undefined
    const mark = paint("dim", "…")
    const sign = paint("dim", stream === "stderr" ? "!" : "|")
    return `${paint(colourOf(path), shortName(path))} ${sign} ${isRest ? mark : ""}${outputOf(text)}${continues ? mark : ""}`
  }

  return (event) => {
    if (event._tag === "Line") return output(event)
    if (torn.size > 0 && (event._tag === "Spawned" || event._tag === "Removed")) forget(event.path)
    if (event._tag === "Starting" && event.type === "worker") return undefined
    if (event._tag === "Notified") return undefined // it may change all the time; ps shows it
    const path = paint(colourOf(event.path), event.path)
    return `${paint("dim", clock(event.at))} ${path} ${paint(styles[event._tag] ?? "reset", onOneLine(sayEvent(event)))}`
  }
}

/** A worker may use colours, up to the end of its line. Of a progress that it writes over, the last state is shown. */
export function outputOf(text: string): string {
  const last = text.includes("\r") ? (text.split("\r").findLast((part) => part !== "") ?? "") : text
  return last.includes("\x1b") ? keepColours(`${last}\x1b[0m`) : last
}

/** What a server or a system call said may have several lines. */
const onOneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ")

const styles: { readonly [tag in TreeEventBody["_tag"]]?: Parameters<Paint>[0] } = {
  Started: "green",
  StartFailed: "red",
  Exited: "yellow",
  Backoff: "yellow",
  Failed: "red",
  Ending: "red",
  Blocked: "red",
  Dropped: "yellow",
  LogFailed: "red",
  LogResumed: "yellow"
}

const colours = ["cyan", "magenta", "blue", "green", "yellow", "cyanBright", "magentaBright", "blueBright"] as const

/** The same path always has the same colour. */
export function colourOf(path: string): (typeof colours)[number] {
  let hash = 0
  for (let i = 0; i < path.length; i++) hash = (Math.imul(hash, 31) + path.charCodeAt(i)) >>> 0
  return colours[hash % colours.length]!
}

/** `14:03:59.123`, local time. */
export function clock(at: number): string {
  const date = new Date(at)
  const two = (n: number): string => String(n).padStart(2, "0")
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`
}
