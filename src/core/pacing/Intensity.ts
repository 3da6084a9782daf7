/**
 * The restart window of one supervisor: at most `intensity` restarts in any closed window of `period`.
 * (OTP: "Maximum Restart Intensity". OTP counts whole seconds; we count milliseconds.)
 */
import type { Exit, Failure } from "../Exit.ts"

/** Oldest first; those before `from` are outside and wait to be swept. */
export interface RestartWindow {
  entries: Array<Failure>
  from: number
}

/** How many entries a report of giving up quotes, at the most. */
const WINDOW_LISTED = 16

export const emptyWindow = (): RestartWindow => ({ entries: [], from: 0 })

/** Enters one restart, forgets what has left the window [at − period, at], and says how many are in it. Amortised O(1). */
export function count(window: RestartWindow, failure: Failure, periodMs: number): number {
  window.entries.push(failure)
  const since = failure.at - periodMs
  while (window.entries[window.from]!.at < since) window.from++
  if (window.from > 32 && window.from * 2 > window.entries.length) {
    window.entries = window.entries.slice(window.from)
    window.from = 0
  }
  return window.entries.length - window.from
}

/** The last restarts in the window, oldest first. Only the last brings its own causes along: the report of a deep tree must stay readable. */
export function listed(window: RestartWindow): ReadonlyArray<Failure> {
  const last = window.entries.slice(Math.max(window.from, window.entries.length - WINDOW_LISTED))
  return last.map((failure, n) => (n === last.length - 1 ? failure : brief(failure)))
}

function brief(failure: Failure): Failure {
  const exit = withoutCauses(failure.exit)
  return exit === failure.exit ? failure : { ...failure, exit }
}

function withoutCauses(exit: Exit): Exit {
  if (exit._tag === "GaveUp") return { ...exit, window: [] }
  return exit._tag === "BootFailed" ? { ...exit, cause: { ...exit.cause, exit: withoutCauses(exit.cause.exit) } } : exit
}
