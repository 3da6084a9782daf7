/** What `step` asks of the world, and what it reports. */
import type { Shutdown, Worker } from "../tree/Spec.ts"
import type { Decision, PendingOn } from "./Decision.ts"
import type { Answer, ConvictionExit, HeartbeatSilence, Incarnation, Purpose, Usage } from "./Event.ts"
import type { Exit } from "./Exit.ts"

export type Action =
  /** Answer with exactly one of Ready, Declined, Exited; after Ready, with exactly one Exited. */
  | ({ readonly _tag: "Spawn"; readonly spec: Worker; readonly argv: ReadonlyArray<string> } & Incarnation)
  /** Ask it to end, and kill it when `how` has passed. May be repeated. */
  | ({ readonly _tag: "Stop"; readonly how: Shutdown } & Incarnation)
  /**
   * Send a `Wake` with the same purpose when the clock has reached `at`. Never cancelled: one that comes too late is
   * dropped.
   */
  | ({ readonly _tag: "Wake"; readonly at: number; readonly purpose: Purpose } & Incarnation)
  | { readonly _tag: "Reply"; readonly ticket: number; readonly answer: Answer }
  /** The root has ended, and nothing is left. */
  | { readonly _tag: "Finish"; readonly booted: boolean; readonly exit: Exit }
  | { readonly _tag: "News"; readonly news: News }
  /** The explanation of what was done. Nothing depends on it. */
  | { readonly _tag: "Decide"; readonly decision: Decision }

/** What happened. Nothing depends on it. */
export type News =
  | ({ readonly _tag: "Starting"; readonly type: "worker" | "supervisor" | "pool" } & Incarnation)
  /** It is ready. */
  | ({ readonly _tag: "Started"; readonly tookMs: number } & Incarnation)
  | ({ readonly _tag: "Declined" } & Incarnation)
  /** Its process runs. `startTime`: in clock ticks since boot (Linux: field 22 of /proc/PID/stat). */
  | ({ readonly _tag: "Spawned"; readonly pid: number; readonly startTime: number } & Incarnation)
  /** What it says of itself has changed; empty if it has nothing to say any more. */
  | ({ readonly _tag: "Notified"; readonly status: string } & Incarnation)
  /** These members of its process group do not die of SIGKILL. */
  | ({ readonly _tag: "Blocked"; readonly pids: ReadonlyArray<number> } & Incarnation)
  | ({ readonly _tag: "StartFailed"; readonly exit: Exit } & Incarnation)
  /** It ended by itself. */
  | ({
      readonly _tag: "Exited"
      readonly exit: Exit
      readonly normal: boolean
      readonly uptimeMs: number
      readonly usage?: Usage
    } & Incarnation)
  /** Processes that had left its group were ended with it. `isDaemon`: it had ended at once, and with success. */
  | ({ readonly _tag: "StraysEnded"; readonly pids: ReadonlyArray<number>; readonly isDaemon: boolean } & Incarnation)
  /** Its supervisor entered one restart in its window, which now holds `count`. */
  | {
      readonly _tag: "RestartCounted"
      readonly path: string
      readonly culprit: string
      readonly count: number
      readonly intensity: number
      readonly periodMs: number
    }
  /** It will be started when `delayMs` has passed; `attempt` counts from 1. */
  | ({ readonly _tag: "Backoff"; readonly attempt: number; readonly delayMs: number } & Incarnation)
  /**
   * It was restarted too often, and is left alone for `delayMs`; `attempt` counts how often that has happened in a row,
   * from 1.
   */
  | ({ readonly _tag: "Failed"; readonly attempt: number; readonly delayMs: number } & Incarnation)
  /** A failed child is tried again, once and uncounted. */
  | ({ readonly _tag: "TriedAgain" } & Incarnation)
  /** Its wait ends before its time: it is stopped, or restarted with others. */
  | ({ readonly _tag: "WaitCancelled" } & Incarnation)
  | ({ readonly _tag: "Stopping"; readonly how: Shutdown } & Incarnation)
  /** It ended because we stopped it. */
  | ({ readonly _tag: "Stopped"; readonly exit: Exit; readonly usage?: Usage } & Incarnation)
  /** This supervisor is going down, and why. */
  | ({ readonly _tag: "Ending"; readonly exit: Exit } & Incarnation)
  /** It runs, but has been silent for longer than usual. */
  | ({ readonly _tag: "Suspected"; readonly silence: HeartbeatSilence } & Incarnation)
  /** It has sent a heartbeat. `afterMs`: how long it was suspect. */
  | ({ readonly _tag: "Cleared"; readonly afterMs: number } & Incarnation)
  /** It is stopped because it hangs or is unhealthy, and restarted as if it had crashed. */
  | ({ readonly _tag: "Convicted"; readonly exit: ConvictionExit; readonly how: Shutdown } & Incarnation)
  /** Many children are silent together: none is stopped for it, and at `until` their supervisor ends. */
  | { readonly _tag: "CommonSilence"; readonly path: string; readonly suspects: number; readonly of: number; readonly until: number }
  /** Results of a check that only reports. */
  | ({ readonly _tag: "HealthCheckFailed"; readonly because: string } & Incarnation)
  | ({ readonly _tag: "HealthCheckPassed" } & Incarnation)
  /** It is to be started, but waits for something else; nothing is counted. */
  | ({ readonly _tag: "Pending"; readonly by: PendingOn } & Incarnation)
  /** So many different children of this supervisor failed within a time that its breaker defers them all. */
  | { readonly _tag: "BreakerOpened"; readonly path: string; readonly failed: number; readonly of: number; readonly withinMs: number }
  /** This child is started as the breaker's probe, after `delayMs`. */
  | ({ readonly _tag: "ProbeStarted"; readonly delayMs: number } & Incarnation)
  /** The breaker no longer defers it: it starts after `delayMs`. */
  | ({ readonly _tag: "Released"; readonly delayMs: number } & Incarnation)
  /** The probe has stayed up. `pending`: how many children are released now. */
  | { readonly _tag: "BreakerClosed"; readonly path: string; readonly pending: number }
  | { readonly _tag: "Hold" | "Unhold" | "Added" | "Removed"; readonly path: string }
  /** Every child has finished; the tree stays up. */
  | { readonly _tag: "Idle"; readonly path: string }
  /** The root has ended. */
  | ({ readonly _tag: "Ended"; readonly exit: Exit } & Incarnation)
