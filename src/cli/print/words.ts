/** What happened, in words: the core's sentences, and those about processes. */
import { sayNews as sayCoreNews } from "../../core/Sentence.ts"
import type { Happening } from "../../runtime/TreeEvent.ts"

export type { Happening }

/** Follows the path of what it is about. */
export function sayNews(event: Happening): string {
  switch (event._tag) {
    case "Spawned":
      return `runs as pid ${event.pid}`
    case "Line":
      return event.text
    case "Dropped":
      return `${event.lines} ${event.lines === 1 ? "line" : "lines"} of its output (${event.bytes} bytes) could not be kept`
    case "Blocked":
      return `cannot be killed: pid ${event.pids.join(", ") || "unknown"} does not die of SIGKILL; waiting`
    default:
      return sayCoreNews(event)
  }
}
