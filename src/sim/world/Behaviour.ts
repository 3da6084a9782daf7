/** How the workers of an invented world behave. */
import type { Exit } from "../../core/Exit.ts"
import type { Distribution } from "./Distribution.ts"

/** What is left out: starts at once, lives for ever, stops at once. */
export interface Behaviour {
  /** From the moment it is of use until it ends by itself. Default: never. */
  readonly lifetime: Distribution
  /**
   * From its start until it is of use; for a job, until it is done. Whoever is ready as soon as it is spawned lets nobody wait meanwhile; the
   * others are ready when it is over. Default: at once.
   */
  readonly starting: Distribution
  /** From the stop signal until it has ended. Default: at once. */
  readonly stopping: Distribution
  /** The share of its starts that end when `starting` is over, in [0, 1]. Default 0. */
  readonly failedStarts: number
  /** The share of its lives that do not end but hang: still there, and of no use to anybody. In [0, 1]. Default 0. */
  readonly hangs: number
  /** How long it works until it pauses: runs, and does nothing. Default: never. */
  readonly pauseEvery: Distribution
  /** How long it pauses then. Default: not at all. */
  readonly pauseFor: Distribution
  /** How it ends by itself: one of these, each as likely as the other. Default: code 1. */
  readonly exits: ReadonlyArray<Exit>
  /** Does not hear the stop signal; only the kill ends it. Default false. */
  readonly deaf: boolean
}

/** How those at a path behave: `"db"`, `"jobs/*"`. Of several that say the same of one worker, the last one counts. */
export interface BehaviourAt extends Partial<Behaviour> {
  readonly path: string
}

export const well: Behaviour = {
  lifetime: { type: "never" },
  starting: { type: "constant", ms: 0 },
  stopping: { type: "constant", ms: 0 },
  failedStarts: 0,
  hangs: 0,
  pauseEvery: { type: "never" },
  pauseFor: { type: "constant", ms: 0 },
  exits: [{ _tag: "Code", code: 1 }],
  deaf: false
}
