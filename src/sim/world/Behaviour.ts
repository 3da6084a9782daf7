/** How simulated workers behave. */
import type { Exit } from "../../core/Exit.ts"
import type { Distribution } from "./Distribution.ts"

/** The default is a worker that starts at once, never exits by itself, and stops at once. */
export interface Behaviour {
  /** From when it is up until it exits by itself. Default: never. */
  readonly lifetime: Distribution
  /**
   * From its start until it is up; for a job, until it is done. A worker that is ready when spawned makes nothing wait
   * meanwhile; any other is ready when this is over. Default: no time.
   */
  readonly starting: Distribution
  /** From the stop signal until it has exited. Default: no time. */
  readonly stopping: Distribution
  /** The share of its starts that fail when `starting` is over, in [0, 1]. Default 0. */
  readonly failedStarts: number
  /**
   * The share of its incarnations that hang instead of exiting: still running, but doing nothing. In [0, 1]. Default 0.
   */
  readonly hangs: number
  /** How long it works before it pauses: it runs but does nothing. Default: never. */
  readonly pauseEvery: Distribution
  /** How long a pause takes. Default: no time. */
  readonly pauseFor: Distribution
  /** How it exits by itself: one of these, all equally likely. Default: code 1. */
  readonly exits: ReadonlyArray<Exit>
  /** Ignores the stop signal: only SIGKILL ends it. Default false. */
  readonly deaf: boolean
}

/** How the workers at a path behave: `"db"`, `"jobs/*"`. If several set the same key for a worker, the last wins. */
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
