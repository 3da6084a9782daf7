/** A simulated process, and the exits that faults cause. */
import type { Incarnation } from "../../core/Event.ts"
import type { Exit } from "../../core/Exit.ts"
import type { Worker } from "../../tree/Spec.ts"

/** One incarnation. */
export interface Process extends Incarnation {
  readonly worker: Worker
  /** Unborn: about to be spawned, so no fault applies to it yet. */
  state: "unborn" | "starting" | "up" | "hung" | "over"
  /** How many things were scheduled for it; makes each tie unique. */
  plans: number
  /** How often it has become silent. */
  silences: number
  /** The end of the present silence, if it is silent. */
  silentUntil: number | undefined
}

/**
 * Something that will happen. If it concerns a process, only while that process runs, and not while everything is
 * suspended.
 */
export interface Due {
  readonly process: Process | undefined
  readonly run: () => void
}

export const CRASHED: Exit = { _tag: "Code", code: 1 }
export const KILLED: Exit = { _tag: "Signal", signal: "SIGKILL" }
export const NOT_SPAWNED: Exit = { _tag: "NotStarted", errno: "EAGAIN", message: "Resource temporarily unavailable" }
