/** What monitoring a process needs from its host: time, and a view of the process. Tests use a simulated one. */
import type { Check } from "../../tree/Probe.ts"
import { type Clock, systemClock } from "../os/Clock.ts"
import { queuedMs } from "../os/proc.ts"
import { type ProcessSample, sample } from "../os/sample.ts"
import { checker } from "../probe/check.ts"
import type { RunCheck } from "../probe/ProbeTarget.ts"

export interface Host extends Pick<Clock, "now" | "after" | "turned"> {
  /** See `sample`. */
  readonly sample: (pid: number, startTime: number) => ProcessSample
  /** See `queuedMs`. */
  readonly queuedMs: (pid: number) => number | undefined
  /** See `checker`. */
  readonly checker: (check: Check) => RunCheck
}

/** This machine, with this clock. */
export const hostWith = (clock: Clock): Host => ({
  ...clock,
  sample: (pid, startTime) => sample(pid, startTime),
  queuedMs: (pid) => queuedMs(pid),
  checker
})

export const localHost: Host = hostWith(systemClock)
