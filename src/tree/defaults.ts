/** Defaults that are needed in several places: by schemas, by rules between fields, and to show only what differs. */
import { longestDuration } from "./duration.ts"
import type { HeartbeatModel } from "./Probe.ts"
import type { Logs } from "./Spec.ts"

/** Defaults of a probe, in milliseconds. */
export const PROBE = { initialDelay: 0, timeout: 1000, failureThreshold: 3, successThreshold: 1 }

const model: HeartbeatModel = "hybrid"
/** Defaults of a heartbeat; `grace` in milliseconds. */
export const HEARTBEAT = { model, suspect: 3, convict: 8, grace: 500 }

/** The default `hangAfter`, in milliseconds: ten missed beats, but at least 30 seconds. */
export const hangAfterOf = (every: number): number => Math.min(Math.max(30_000, 10 * every), longestDuration - 1)

/** The shortest and the longest wait of an adaptive backoff, in milliseconds. */
export const ADAPTIVE = { min: 100, max: 60_000 }

/** The log of a worker: as much as Kubernetes keeps of a container. `size` in bytes. */
export const LOGS: Logs = { size: 10 * 1024 * 1024, keep: 5, whenFull: "block", compress: true }
