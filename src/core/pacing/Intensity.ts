/**
 * The restart window of a supervisor, or of a child where restarts are counted per child: at most `intensity` restarts
 * in any closed window of `period`. (OTP: "Maximum Restart Intensity". OTP counts whole seconds; we count
 * milliseconds.)
 */
import type { Exit, Failure } from "../Exit.ts"

/**
 * Oldest first. Those before `from` have left the window, and are removed later. Only the last one keeps its causes, so
 * that reports of deep trees stay short.
 */
export interface RestartWindow {
  entries: Array<Failure>
  from: number
}

/** At most this many entries are listed in a report. */
const WINDOW_LISTED = 16

export const emptyWindow = (): RestartWindow => ({ entries: [], from: 0 })

/** Adds one restart, forgets those before [at − period, at], and answers how many are left. Amortised O(1). */
export function count(window: RestartWindow, failure: Failure, periodMs: number): number {
  const last = window.entries.at(-1)
  if (last !== undefined) window.entries[window.entries.length - 1] = brief(last)
  window.entries.push(failure)
  const since = failure.at - periodMs
  while (window.entries[window.from]!.at < since) window.from++
  if (window.from > 32 && window.from * 2 > window.entries.length) {
    window.entries = window.entries.slice(window.from)
    window.from = 0
  }
  return window.entries.length - window.from
}

/** The last restarts in the window, oldest first. */
export const listed = (window: RestartWindow): ReadonlyArray<Failure> =>
  window.entries.slice(Math.max(window.from, window.entries.length - WINDOW_LISTED))

function brief(failure: Failure): Failure {
  const exit = withoutCauses(failure.exit)
  return exit === failure.exit ? failure : { ...failure, exit }
}

function withoutCauses(exit: Exit): Exit {
  if (exit._tag === "GaveUp") return { ...exit, window: [] }
  return exit._tag === "BootFailed" ? { ...exit, cause: { ...exit.cause, exit: withoutCauses(exit.cause.exit) } } : exit
}
