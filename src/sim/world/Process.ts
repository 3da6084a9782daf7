/** A process of the invented world, and the ends that its faults bring. */
import type { Incarnation } from "../../core/Event.ts"
import type { Exit } from "../../core/Exit.ts"
import type { Worker } from "../../tree/Spec.ts"

/** One life in the invented world. */
export interface Process extends Incarnation {
  readonly worker: Worker
  /** Unborn: about to be spawned; no fault finds it there. */
  state: "unborn" | "starting" | "up" | "hung" | "over"
  /** How much has been planned for it. */
  plans: number
  /** How often it has fallen silent; and until when it is, if it is now. */
  silences: number
  silentUntil: number | undefined
}

/** Of a process: happens if it still lives, and not while everything is paused. */
export interface Due {
  readonly process: Process | undefined
  readonly then: () => void
}

export const CRASHED: Exit = { _tag: "Code", code: 1 }
export const KILLED: Exit = { _tag: "Signal", signal: "SIGKILL" }
export const REFUSED: Exit = { _tag: "NotStarted", errno: "EAGAIN", message: "Resource temporarily unavailable" }
