/** What happened, in words: the core's sentences, and those about processes. */
import { sayNews } from "../../core/Sentence.ts"
import type { TreeEventBody } from "./TreeEvent.ts"

/** Follows the path of what it is about. */
export function sayEvent(event: TreeEventBody): string {
  switch (event._tag) {
    case "Spawned":
      return `runs as pid ${event.pid}`
    case "Line":
      return event.text
    case "Dropped":
      return `${event.lines} ${event.lines === 1 ? "line" : "lines"} of its output (${event.bytes} bytes) could not be kept`
    case "LeaderEnded":
      return `${event.signal === undefined ? `exited with code ${event.code}` : `was ended by ${event.signal}`}, and has left others behind; stopping them`
    case "Blocked":
      return `cannot be ended: ${sayBlocked(event.pids)}; waiting`
    default:
      return sayNews(event)
  }
}

/** SIGKILL has no effect on a process in an uninterruptible call, and none on one that we may not signal. */
export const sayBlocked = (pids: ReadonlyArray<number>): string =>
  `${pids.length === 0 ? "a process of its group" : `pid ${pids.join(", ")}`} does not end, or is not ours to end`
