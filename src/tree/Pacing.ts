/**
 * How restarts are paced, as plain data: the wait of one child, the breaker of a group, the gate of a whole tree.
 *
 * `…Spec` is what a person writes; the others are the same after decoding, with every field filled in and all times in milliseconds.
 */
import type { Duration } from "./Units.ts"

// ---------------------------------------------------------------- one child

/**
 * How long to wait between an exit and the next start. `jitter` 0.2 takes up to 20 % off, seeded.
 *
 * Constant, linear and exponential count attempts, and begin anew after `forgetAfter` of uptime. Adaptive keeps a score instead: each failure
 * adds one to what is left of it, and what is left halves with every `halfLife` that the child had been up. So a crash loop waits longer
 * and longer, what fails once a day hardly waits at all, and there is no moment at which all is forgotten at once.
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
      /** No wait is shorter. Default 100 ms. */
      readonly min?: Duration
      /** No wait is longer. Default 60 seconds. */
      readonly max?: Duration
      /** How much longer each further failure makes the wait. Default 2. */
      readonly factor?: number
      /** So much uptime forgives half of what has gone wrong before. Default 30 seconds. */
      readonly halfLife?: Duration
      /** The share of a wait that chance may take off. Default 0.5. */
      readonly jitter?: number
      /** How much longer to wait on a machine that is short of CPU or memory: by this share at full pressure. Default 1, which is twice as long. */
      readonly pressure?: number
      /** Where several siblings fail in the same second, their starts are spread to so many in a second. Default 10. */
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
 * What a supervisor does when so many of its children fail together that the cause is hardly in them: it holds them all, and sends one
 * after the other ahead until one stays up; then it lets the others follow, a few at a time. Meanwhile nothing is counted, for a while.
 */
export interface BreakerSpec {
  /** It opens when so many different children have failed … Default 5. */
  readonly failures?: number
  /** … and at least this share of all … Default 0.5. */
  readonly share?: number
  /** … within this time. Default 10 seconds. */
  readonly within?: Duration
  /** No longer than this between one that was sent ahead and the next. Default 5 seconds. */
  readonly probeEvery?: Duration
  /** It closes when the one that was sent ahead has been up for so long. Default 2 seconds. */
  readonly stable?: Duration
  /** The others follow within this time, evenly. Default 5 seconds. */
  readonly release?: Duration
  /** If nobody has stayed up for so long, they are held on, but each failure of one that is sent ahead is counted. Default 60 seconds. */
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

/** How fast processes may be started, whoever starts them: a token bucket, and a limit on how many may be starting. */
export interface StartGateSpec {
  /** So many a second, in the long run. Default 10. */
  readonly rate?: number
  /** So many at once, after a pause. Default 10. */
  readonly burst?: number
  /** So many may be on their way to being ready. Default: any number. */
  readonly starting?: number
}

/** See `StartGateSpec`. */
export interface StartGate {
  readonly rate: number
  readonly burst: number
  readonly starting: number
}
