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

/**
 * An event as one line. Output stands behind a short name, so that it fits the terminal. Undefined for `Starting` of a
 * worker, since `Spawned` comes right after it and has the pid.
 */
export function lineOf(event: TreeEvent, paint: Paint, shortName = (path: string): string => path): string | undefined {
  const path = paint(colourOf(event.path), event._tag === "Line" ? shortName(event.path) : event.path)
  if (event._tag === "Line") return `${path} ${paint("dim", event.stream === "stderr" ? "!" : "|")} ${outputOf(event.text)}`
  if (event._tag === "Starting" && event.type === "worker") return undefined
  return `${paint("dim", clock(event.at))} ${path} ${paint(styles[event._tag] ?? "reset", onOneLine(sayEvent(event)))}`
}

/** A worker may use colours, up to the end of its line. */
const outputOf = (text: string): string => (text.includes("\x1b") ? keepColours(`${text}\x1b[0m`) : text)

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
  Dropped: "yellow"
}

const colours = ["cyan", "magenta", "blue", "green", "yellow", "cyanBright", "magentaBright", "blueBright"] as const

/** The same path always has the same colour. */
function colourOf(path: string): (typeof colours)[number] {
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
