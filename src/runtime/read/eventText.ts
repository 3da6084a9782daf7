/** What happened, in words: the core's sentences, and those about processes. */
import { sayNews } from "../../core/Sentence.ts"
import type { TreeEventBody } from "./TreeEvent.ts"

/** Follows the path of what it is about. */
export function sayEvent(event: TreeEventBody): string {
  switch (event._tag) {
    case "Line":
      return event.text
    case "Dropped":
      return `${event.lines} ${event.lines === 1 ? "line" : "lines"} of its output (${event.bytes} bytes) could not be kept`
    case "LeaderEnded":
      return `${event.signal === undefined ? `exited with code ${event.code}` : `was killed by ${event.signal}`}, and has left others behind; stopping them`
    default:
      return sayNews(event)
  }
}
