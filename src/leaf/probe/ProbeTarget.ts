/** The worker that a check is about. */
import type { Incarnation } from "../../core/Event.ts"
import type { ProbeResult } from "./ProbeResult.ts"

/** One incarnation of a worker, as far as a check needs to know it. */
export interface ProbeTarget extends Incarnation {
  /** 0 if it has none. */
  readonly pid: number
  /** Clock ticks since boot, from /proc; with the pid it identifies the process. 0 if unknown. */
  readonly startTime: number
  /** Absolute. Relative paths of checks start here. */
  readonly cwd: string
  /** Merged over the supervisor's own environment; null removes a variable. */
  readonly env: { readonly [name: string]: string | null }
  /** How many milliseconds ago a line of its output last matched this pattern; undefined if none has. */
  readonly lastMatch: (pattern: string) => number | undefined
}

/**
 * Runs one check. The result is undefined if all is well, or says what is wrong. It never rejects, and when it has
 * settled nothing of it is left: no socket, no timer, no process. Aborting the signal ends it early.
 */
export type RunCheck = (target: ProbeTarget, signal: AbortSignal) => Promise<ProbeResult>
