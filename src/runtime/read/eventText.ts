/** Events and backoffs in words: the core's sentences, and those about processes. */
import { sayNews } from "../../core/Sentence.ts"
import type { Backoff } from "../../tree/Pacing.ts"
import type { TreeEventBody } from "./TreeEvent.ts"

/** Follows the path of the node. */
export function sayEvent(event: TreeEventBody): string {
  switch (event._tag) {
    case "Line":
      return event.text
    case "Dropped":
      return `${event.lines} ${event.lines === 1 ? "line" : "lines"} of its output (${event.bytes} bytes) could not be kept`
    case "LogFailed":
      return `its log cannot be written (${event.errno}); it runs on`
    case "LogResumed":
      return `its log is written again; ${sayMissing(event)} missing in it`
    case "LeaderEnded":
      return `${sayEnd(event)}, and has left other processes behind; stopping them`
    default:
      return sayNews(event)
  }
}

const sayMissing = ({ lines, bytes }: { readonly lines: number; readonly bytes: number }): string =>
  lines === 0 && bytes === 0 ? "nothing is" : `${lines} ${lines === 1 ? "line" : "lines"} (${bytes} bytes) ${lines === 1 ? "is" : "are"}`

const sayEnd = ({ code, signal }: Extract<TreeEventBody, { readonly _tag: "LeaderEnded" }>): string =>
  signal === undefined ? `exited with code ${code}` : `was killed by ${signal}`

/** The delays before restarts, without jitter: `100ms × 2 up to 1m`. `say` writes a duration, exactly or short. */
export function sayDelays(backoff: Backoff, say: (ms: number) => string): string {
  switch (backoff.type) {
    case "constant":
      return say(backoff.delay)
    case "linear":
      return `${say(backoff.initial)} + ${say(backoff.step)} up to ${say(backoff.cap)}`
    case "exponential":
      return `${say(backoff.initial)} × ${backoff.factor} up to ${say(backoff.cap)}`
    case "adaptive":
      return `${say(backoff.min)} × ${backoff.factor} up to ${say(backoff.max)}, half forgiven in ${say(backoff.halfLife)} of uptime`
  }
}
