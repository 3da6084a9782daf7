/** Whom a check is about. */
import type { Life } from "../Spawner.ts"
import type { ProbeResult } from "./ProbeResult.ts"

/** One life of a worker, as far as a check must know it. */
export interface ProbeTarget extends Life {
  /** 0 where there is none. */
  readonly pid: number
  /** Clock ticks since boot from /proc, which with the pid names the process; 0 where unknown. */
  readonly startTime: number
  /** Absolute; what relative paths are relative to. */
  readonly cwd: string
  /** Merged over the supervisor's own; null removes a variable. */
  readonly env: { readonly [name: string]: string | null }
  /** How many milliseconds ago the last line of its output came that matches this pattern; undefined if none has. */
  readonly lastMatch: (pattern: string) => number | undefined
}

/**
 * Carries out one check, and answers undefined when all is well, or what is not, which completes "its health check failed: …". It never
 * rejects, and when it has answered nothing of it is left: no socket, no timer, no process. Aborting the signal ends it early.
 */
export type RunCheck = (target: ProbeTarget, signal: AbortSignal) => Promise<ProbeResult>
