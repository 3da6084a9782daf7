/** What monitoring a process needs from its host: time, and a view of the process. Tests use a simulated one. */
import type { Check } from "../../tree/Probe.ts"
import { monotonicMs } from "../os/monotonic.ts"
import { queuedMs } from "../os/proc.ts"
import { type ProcessSample, sample } from "../os/sample.ts"
import { after } from "../os/timer.ts"
import { checker } from "../probe/check.ts"
import type { RunCheck } from "../probe/ProbeTarget.ts"

export interface Host {
  /** Milliseconds of CLOCK_MONOTONIC. */
  readonly now: () => number
  /** See `after`. */
  readonly after: (ms: number, then: () => void) => () => void
  /** Calls `then` when everything that can be read now has been read. The returned function cancels it. */
  readonly afterTurn: (then: () => void) => () => void
  /** See `sample`. */
  readonly sample: (pid: number, startTime: number) => ProcessSample
  /** See `queuedMs`. */
  readonly queuedMs: (pid: number) => number | undefined
  /** See `checker`. */
  readonly checker: (check: Check) => RunCheck
}

/** Immediates run after this turn of the event loop has read its input. */
const afterTurn: Host["afterTurn"] = (then) => {
  const immediate = setImmediate(then)
  return () => clearImmediate(immediate)
}

export const localHost: Host = {
  now: monotonicMs,
  after,
  afterTurn,
  sample: (pid, startTime) => sample(pid, startTime),
  queuedMs: (pid) => queuedMs(pid),
  checker
}
