/**
 * How restarts are paced, as plain data: the backoff of one child, the breaker of a group, the start gate of a whole
 * tree.
 *
 * `…Spec` is what a person writes; the other types are the same after decoding, with every field filled in and all
 * times in milliseconds.
 */
import type { Duration } from "./Units.ts"

// ---------------------------------------------------------------- one child

/**
 * How long to wait between an exit and the next start. `jitter` is the share of a wait that chance (seeded) may take
 * off: 0.2 is up to 20 %.
 *
 * Constant, linear and exponential count attempts, and start again from zero after `forgetAfter` of uptime. Adaptive
 * keeps a score instead: each failure adds one to it, and it halves with every `halfLife` of uptime. So a crash loop
 * waits longer and longer, a child that fails once a day hardly waits, and nothing is forgotten all at once.
 */
export type BackoffSpec =
  | { readonly type: "constant"; readonly delay: Duration; readonly jitter?: number; readonly forgetAfter?: Duration }
  | {
      readonly type: "linear"
      readonly initial?: Duration
      readonly step?: Duration
      readonly cap?: Duration
      readonly jitter?: number
      readonly forgetAfter?: Duration
    }
  | {
      readonly type: "exponential"
      readonly initial?: Duration
      readonly factor?: number
      readonly cap?: Duration
      readonly jitter?: number
      readonly forgetAfter?: Duration
    }
  | {
      readonly type: "adaptive"
      /** The shortest wait. Default 100 ms. */
      readonly min?: Duration
      /** The longest wait. Default 60 seconds. */
      readonly max?: Duration
      /** By how much each further failure multiplies the wait. Default 2. */
      readonly factor?: number
      /** The uptime that halves the score. Default 30 seconds. */
      readonly halfLife?: Duration
      /** The share of a wait that chance may take off. Default 0.5. */
      readonly jitter?: number
      /**
       * How much longer to wait on a machine that is short of CPU or memory: the share added at full pressure. Default
       * 1, which doubles the wait.
       */
      readonly pressure?: number
      /** If several siblings fail in the same second, at most this many start per second. Default 10. */
      readonly startRate?: number
    }

/** A wait that grows with the number of the attempt; see `BackoffSpec`. */
export type CountedBackoff =
  | { readonly type: "constant"; readonly delay: number; readonly jitter: number; readonly forgetAfter: number }
  | {
      readonly type: "linear"
      readonly initial: number
      readonly step: number
      readonly cap: number
      readonly jitter: number
      readonly forgetAfter: number
    }
  | {
      readonly type: "exponential"
      readonly initial: number
      readonly factor: number
      readonly cap: number
      readonly jitter: number
      readonly forgetAfter: number
    }

/** A wait that grows with failures and shrinks with uptime; see `BackoffSpec`. */
export interface AdaptiveBackoff {
  readonly type: "adaptive"
  readonly min: number
  readonly max: number
  readonly factor: number
  readonly halfLife: number
  readonly jitter: number
  readonly pressure: number
  readonly startRate: number
}

export type Backoff = CountedBackoff | AdaptiveBackoff

// ---------------------------------------------------------------- a group

/**
 * What a supervisor does when so many children fail together that the cause is probably shared: it defers them all, and
 * starts one after the other as a probe until one stays up. Then it releases the rest, a few at a time. Meanwhile, for
 * a while, no restart is counted.
 */
export interface BreakerSpec {
  /** It opens when this many different children have failed … Default 5. */
  readonly failures?: number
  /** … and at least this share of all children … Default 0.5. */
  readonly share?: number
  /** … within this time. Default 10 seconds. */
  readonly within?: Duration
  /** The longest time from one probe to the next. Default 5 seconds. */
  readonly probeEvery?: Duration
  /** It closes when a probe has been up for this long. Default 2 seconds. */
  readonly stable?: Duration
  /** Then the others start within this time, spread evenly. Default 5 seconds. */
  readonly release?: Duration
  /**
   * If no probe has stayed up for this long, the children stay deferred, but each failed probe is counted. Default 60
   * seconds.
   */
  readonly giveUpAfter?: Duration
}

/** See `BreakerSpec`. */
export interface Breaker {
  readonly failures: number
  readonly share: number
  readonly within: number
  readonly probeEvery: number
  readonly stable: number
  readonly release: number
  readonly giveUpAfter: number
}

// ---------------------------------------------------------------- a tree

/**
 * How fast processes may be started, for whatever reason: a token bucket, and a limit on how many are starting at once.
 */
export interface StartGateSpec {
  /** Starts per second in the long run. Default 10. */
  readonly rate?: number
  /** Starts at once after a pause. Default 10. */
  readonly burst?: number
  /** How many may be starting and not yet ready. Default: no limit. */
  readonly starting?: number
}

/** See `StartGateSpec`. */
export interface StartGate {
  readonly rate: number
  readonly burst: number
  readonly starting: number
}
