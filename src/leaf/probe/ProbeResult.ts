/** What a check comes to, and how it ends in time. */
import { sayDuration } from "../../tree/duration.ts"
import { after } from "../os/timer.ts"

/** Undefined: all is well. Else what is not, for a person: it completes "its health check failed: …". */
export type ProbeResult = string | undefined

/** Of a check whose answer nobody waits for any more. */
export const GIVEN_UP = "was given up"

/** No answer, body or output of more bytes than this is looked at. */
export const MOST_READ = 64 * 1024
/** So much of what was said is told. */
const MOST_TOLD = 60

/** What was said, in quotes, on one line, and short. */
export const quoted = (text: string, most = MOST_TOLD): string => {
  const line = text.trim().replace(/\s+/g, " ")
  return JSON.stringify(line.length <= most ? line : `${line.slice(0, most - 1)}…`)
}

/** `allowed` has passed. */
export const unanswered = (allowed: number): string => `did not answer within ${sayDuration(allowed)}`

/** Ends what was begun, and calls `gone` when nothing of it is left. */
export type Dispose = (gone: () => void) => void

interface Limits {
  /** In milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal
  /** What to say when the time is over. */
  readonly late: () => string
}

/**
 * The first verdict, or the end of the time, or the end of the interest in it. It is answered when everything is released, so that whoever
 * has the answer knows that no socket, process or timer of it is left. Never rejects.
 */
export const withDeadline = (
  { timeout, signal, late }: Limits,
  begin: (settle: (verdict: ProbeResult) => void) => Dispose
): Promise<ProbeResult> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve(GIVEN_UP)
    let answer: { readonly verdict: ProbeResult } | undefined
    let release: Dispose | undefined
    const end = (): void => {
      if (answer === undefined || release === undefined) return
      const { verdict } = answer
      release(() => resolve(verdict))
    }
    const settle = (verdict: ProbeResult): void => {
      if (answer !== undefined) return
      answer = { verdict }
      cancel()
      signal.removeEventListener("abort", giveUp)
      end()
    }
    const giveUp = (): void => settle(GIVEN_UP)
    const cancel = after(timeout, () => settle(late()))
    signal.addEventListener("abort", giveUp)
    try {
      release = begin(settle)
    } catch (error) {
      release = (gone) => gone()
      settle(`it could not be asked: ${error instanceof Error ? error.message : String(error)}`)
    }
    // It may have been settled before there was anything to release.
    end()
  })
