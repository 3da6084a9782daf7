/**
 * Time as a port: the machine's own clock, or in tests and rehearsals one that stands still until it is moved
 * (`SimulatedClock`).
 */
import * as Context from "effect/Context"
import { monotonicMs } from "./monotonic.ts"
import { after } from "./timer.ts"

export interface Clock {
  /** Milliseconds of CLOCK_MONOTONIC, with fractions: the clock of heartbeats and of all decisions. */
  readonly now: () => number
  /** Milliseconds since 1970, for people. Nothing is decided by it. */
  readonly wall: () => number
  /** Calls `then` once, in `ms` milliseconds; there is no longest time. Call the answer to cancel. */
  readonly after: (ms: number, then: () => void) => () => void
  /** Calls `then` once, when all input that has already arrived has been read. Call the answer to cancel. */
  readonly turned: (then: () => void) => () => void
}

export const systemClock: Clock = {
  now: monotonicMs,
  wall: Date.now,
  after,
  // Node's immediates run at the end of a turn of the event loop, after it has read its input.
  turned: (then) => {
    const immediate = setImmediate(then)
    return () => clearImmediate(immediate)
  }
}

/** The clock of a tree: the system's, unless another is provided. */
export const TreeClock = Context.Reference<Clock>("supervise/TreeClock", { defaultValue: () => systemClock })
