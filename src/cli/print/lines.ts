/** Events as lines for a person at a terminal. */
import { styleText } from "node:util"
import { sayEvent } from "../../runtime/read/eventText.ts"
import type { TreeEvent, TreeEventBody } from "../../runtime/read/TreeEvent.ts"

export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string

/** Colours where the stream is a terminal that takes them (NO_COLOR and FORCE_COLOR are obeyed). */
export const paintFor =
  (stream: NodeJS.WriteStream): Paint =>
  (style, text) =>
    styleText(style, text, { stream })

/** One line, or undefined for what the next event says better: that a worker is starting, before its pid is known. */
export function lineOf(event: TreeEvent, paint: Paint): string | undefined {
  const path = paint(colourOf(event.path), event.path)
  if (event._tag === "Line") return `${path} ${paint("dim", event.stream === "stderr" ? "!" : "|")} ${tame(event.text)}`
  if (event._tag === "Starting" && event.type === "worker") return undefined
  return `${paint("dim", clock(event.at))} ${path} ${paint(styles[event._tag] ?? "reset", sayEvent(event))}`
}

/** A child may colour its words, and nothing else: it does not move the cursor, clear the screen or name the window. */
const tame = (text: string): string => {
  if (!/[\x00-\x08\x0b-\x1f\x7f\x9b]/.test(text)) return text
  const plain = text
    .replace(/\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?/g, "")
    .replace(/(?:\x1b\[|\x9b)[0-9:;<=>?]*[ -/]*([@-~])/g, (all, end) => (end === "m" ? all : ""))
    .replace(/\x1b(?!\[)[ -/]*[0-~]?|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]/g, "")
  return `${plain}\x1b[0m`
}

const styles: { readonly [tag in TreeEventBody["_tag"]]?: Parameters<Paint>[0] } = {
  Started: "green",
  StartFailed: "red",
  Exited: "yellow",
  Backoff: "yellow",
  Ending: "red",
  Blocked: "red",
  Dropped: "yellow"
}

const colours = ["cyan", "magenta", "blue", "green", "yellow", "cyanBright", "magentaBright", "blueBright"] as const

/** The same path has always the same colour. */
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
