/** The result of a check, and how a check ends in time. */
import { sayDuration } from "../../tree/duration.ts"
import { after } from "../os/timer.ts"

/** Undefined: all is well. Otherwise what is wrong, for a person: it completes "its health check failed: …". */
export type ProbeResult = string | undefined

/** The result of a check that was cancelled. */
export const CANCELLED = "was cancelled"

/** How much of an answer, a body or an output is read, in bytes. */
export const MAX_READ = 64 * 1024
/** How much of an answer is quoted, in characters. */
const MAX_QUOTED = 60

/** The text in quotes, on one line, and shortened. */
export const quoted = (text: string, limit = MAX_QUOTED): string => {
  const line = text.trim().replace(/\s+/g, " ")
  return JSON.stringify(line.length <= limit ? line : `${line.slice(0, limit - 1)}…`)
}

export const noAnswerWithin = (timeout: number): string => `did not answer within ${sayDuration(timeout)}`

/** Ends what was started, and calls `done` when nothing of it is left. */
export type Dispose = (done: () => void) => void

interface Limits {
  /** In milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal
  /** The result when the time is over. */
  readonly onTimeout: () => string
}

/**
 * Settles with the first result, at the timeout, or when the signal aborts. By then everything is disposed of: no
 * socket, process or timer of the check is left. Never rejects.
 */
export const withDeadline = (
  { timeout, signal, onTimeout }: Limits,
  start: (settle: (result: ProbeResult) => void) => Dispose
): Promise<ProbeResult> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve(CANCELLED)
    let settled: { readonly result: ProbeResult } | undefined
    let dispose: Dispose | undefined
    const end = (): void => {
      if (settled === undefined || dispose === undefined) return
      const { result } = settled
      dispose(() => resolve(result))
    }
    const settle = (result: ProbeResult): void => {
      if (settled !== undefined) return
      settled = { result }
      cancel()
      signal.removeEventListener("abort", abort)
      end()
    }
    const abort = (): void => settle(CANCELLED)
    const cancel = after(timeout, () => settle(onTimeout()))
    signal.addEventListener("abort", abort)
    try {
      dispose = start(settle)
    } catch (error) {
      dispose = (done) => done()
      settle(`the check could not be run: ${error instanceof Error ? error.message : String(error)}`)
    }
    // It may have settled before there was anything to dispose of.
    end()
  })
