/** Events as lines for people. */
import { styleText } from "node:util"
import { sayEvent } from "../../runtime/read/eventText.ts"
import type { TreeEvent, TreeEventBody } from "../../runtime/read/TreeEvent.ts"

export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string

/** Colours if the stream is a terminal that supports them; honours NO_COLOR and FORCE_COLOR. */
export const paintFor =
  (stream: NodeJS.WriteStream): Paint =>
  (style, text) =>
    styleText(style, text, { stream })

/** An event as one line; undefined for `Starting` of a worker, since `Spawned` comes right after it and has the pid. */
export function lineOf(event: TreeEvent, paint: Paint): string | undefined {
  const path = paint(colourOf(event.path), event.path)
  if (event._tag === "Line") return `${path} ${paint("dim", event.stream === "stderr" ? "!" : "|")} ${stripControls(event.text)}`
  if (event._tag === "Starting" && event.type === "worker") return undefined
  return `${paint("dim", clock(event.at))} ${path} ${paint(styles[event._tag] ?? "reset", sayEvent(event))}`
}

/** A child may use colours and nothing else: it must not move the cursor, clear the screen or set the title. */
const stripControls = (text: string): string => {
  if (!/[\x00-\x08\x0b-\x1f\x7f\x9b]/.test(text)) return text
  const stripped = text
    .replace(/\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?/g, "")
    .replace(/(?:\x1b\[|\x9b)[0-9:;<=>?]*[ -/]*([@-~])/g, (all, end) => (end === "m" ? all : ""))
    .replace(/\x1b(?!\[)[ -/]*[0-~]?|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]/g, "")
  return `${stripped}\x1b[0m`
}

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
