/**
 * Defaults that are asked for in several places: by the schemas, by rules between several fields, and where only what
 * differs is shown.
 */
import { longestDuration } from "./duration.ts"
import type { HeartbeatModel } from "./Probe.ts"

/** Of a probe. */
export const PROBE = { initialDelay: 0, timeout: 1000, failureThreshold: 3, successThreshold: 1 }

const model: HeartbeatModel = "hybrid"
export const HEARTBEAT = { model, suspect: 3, convict: 8, grace: 500 }

/** Where nothing else is said, a silence of so many beats is too long, and never one shorter than this. */
export const hangAfterOf = (every: number): number => Math.min(Math.max(30_000, 10 * every), longestDuration - 1)

/** Of an adaptive backoff: the shortest wait and the longest one. */
export const ADAPTIVE = { min: 100, max: 60_000 }
