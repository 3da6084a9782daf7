/** What looking after a process asks of the world: time, and what can be seen of the process. In tests it is an invented one. */
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
  readonly after: (ms: number, ring: () => void) => () => void
  /** Calls `then` when everything has been read that can be read now, unless it is cancelled by the answer before. */
  readonly turned: (then: () => void) => () => void
  /** See `look`. */
  readonly sample: (pid: number, startTime: number) => ProcessSample
  /** See `queuedMs`. */
  readonly queuedMs: (pid: number) => number | undefined
  /** See `checker`. */
  readonly checker: (check: Check) => RunCheck
}

/** The end of this turn of the loop comes after what it reads. */
const turned: Host["turned"] = (then) => {
  const immediate = setImmediate(then)
  return () => clearImmediate(immediate)
}

export const localHost: Host = {
  now: monotonicMs,
  after,
  turned,
  sample: (pid, startTime) => sample(pid, startTime),
  queuedMs: (pid) => queuedMs(pid),
  checker
}
