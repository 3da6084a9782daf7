/**
 * Why something was done: one record for every restart, deferral, failure and escalation, with all that the decision
 * depended on. Folding the same events again gives the same records.
 */
import type { Incarnation } from "./Event.ts"
import type { Exit, Failure } from "./Exit.ts"

/** What a pending child waits for: a sibling that it needs, the breaker of its group, or its turn at the start gate. */
export type PendingOn = { readonly _tag: "Need"; readonly path: string } | { readonly _tag: "Breaker" } | { readonly _tag: "Gate" }

export interface Decision extends Incarnation {
  /** Milliseconds of the tree's clock. */
  readonly at: number
  readonly evidence: Evidence
  /** The settings of the tree that were applied. */
  readonly rules: ReadonlyArray<Rule>
  /** What counts against the limit, this failure included; undefined where nothing is counted. */
  readonly window?: Counted
  readonly outcome: Outcome
  /** When it is started again, if that is known. */
  readonly next?: { readonly attempt: number; readonly delayMs: number; readonly at: number }
}

/** What was seen of the child. */
export interface Evidence {
  readonly exit: Exit
  readonly normal: boolean
  /** How long it had been up; 0 if it never was. */
  readonly uptimeMs: number
  /** How short of CPU or memory the machine was, in [0, 1], where it made a difference. */
  readonly pressure?: number
  /** How many siblings failed in the same second, where it made a difference. */
  readonly siblings?: number
  /** Of adaptive backoff, after this failure. */
  readonly score?: number
  /** The pids of processes that had left its group, and were ended with it. */
  readonly strays?: ReadonlyArray<number>
}

/** A setting: `key` of the node at `path`. */
export interface Rule {
  readonly path: string
  readonly key:
    | "restart"
    | "strategy"
    | "intensity"
    | "onIntensity"
    | "backoff"
    | "needs"
    | "breaker"
    | "startGate"
    | "heartbeat"
    | "health"
    | "autoShutdown"
    | "boot"
}

/** What counts against the limit of a supervisor, or of a child where restarts are counted per child. */
export interface Counted {
  readonly count: number
  readonly intensity: number
  readonly periodMs: number
  /** The last ones, oldest first. */
  readonly failures: ReadonlyArray<Failure>
}

type Outcome =
  /** It is started again, and the affected siblings with it: how many in all, and the first of them. */
  | { readonly _tag: "Restart"; readonly affected: number; readonly first: ReadonlyArray<string> }
  /** It waits for something else; uncounted, unless there is a window. */
  | { readonly _tag: "Defer"; readonly by: PendingOn }
  /** It stays down: it has finished, or its restart type says so. */
  | { readonly _tag: "LeaveDown" }
  /** It is left alone for a while, and then tried again; its siblings stay up. */
  | { readonly _tag: "Fail" }
  /** Its supervisor ends, and fails to its parent. */
  | { readonly _tag: "Escalate"; readonly exit: Exit }
