/** What looking after a process asks of the world: time, and what can be seen of the process. In tests it is an invented one. */
import type { Check } from "../../spec/Probe.ts"
import { after } from "../after.ts"
import { monotonicMs } from "../monotonic.ts"
import { checker } from "../probe/check.ts"
import type { Ask } from "../probe/Target.ts"
import { look, type Sighting } from "../spy/look.ts"
import { queuedMs } from "../spy/queued.ts"

export interface World {
  /** Milliseconds of CLOCK_MONOTONIC. */
  readonly now: () => number
  /** See `after`. */
  readonly after: (ms: number, ring: () => void) => () => void
  /** Calls `then` when everything has been read that can be read now, unless it is cancelled by the answer before. */
  readonly turned: (then: () => void) => () => void
  /** See `look`. */
  readonly look: (pid: number, startTime: number) => Sighting
  /** See `queuedMs`. */
  readonly queuedMs: (pid: number) => number | undefined
  /** See `checker`. */
  readonly checker: (check: Check) => Ask
}

/** The end of this turn of the loop comes after what it reads. */
const turned: World["turned"] = (then) => {
  const immediate = setImmediate(then)
  return () => clearImmediate(immediate)
}

export const machine: World = {
  now: monotonicMs,
  after,
  turned,
  look: (pid, startTime) => look(pid, startTime),
  queuedMs: (pid) => queuedMs(pid),
  checker
}
