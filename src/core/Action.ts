/** What the world is to do about it, and what it may know. */
import type { Shutdown, Worker } from "../tree/Spec.ts"
import type { Decision, PendingOn } from "./Decision.ts"
import type { Answer, ConvictionExit, HeartbeatSilence, Incarnation, Purpose } from "./Event.ts"
import type { Exit } from "./Exit.ts"

export type Action =
  /** Answer with exactly one of Ready, Declined, Exited; after Ready, with exactly one Exited. */
  | ({ readonly _tag: "Spawn"; readonly spec: Worker; readonly argv: ReadonlyArray<string> } & Incarnation)
  /** Ask it to end, and kill it when `how` has passed. May be repeated. */
  | ({ readonly _tag: "Stop"; readonly how: Shutdown } & Incarnation)
  /** Send `Wake` with the same words when the clock has reached `at`. Never cancelled: what comes too late is dropped. */
  | ({ readonly _tag: "Wake"; readonly at: number; readonly purpose: Purpose } & Incarnation)
  | { readonly _tag: "Reply"; readonly ticket: number; readonly answer: Answer }
  /** The root has ended, and nothing is left. */
  | { readonly _tag: "Finish"; readonly booted: boolean; readonly exit: Exit }
  | { readonly _tag: "News"; readonly news: News }
  /** For whoever asks why. Nothing depends on it. */
  | { readonly _tag: "Decide"; readonly decision: Decision }

/** What happened, for whoever watches. Nothing depends on it. */
export type News =
  | ({ readonly _tag: "Starting"; readonly type: "worker" | "supervisor" | "pool" } & Incarnation)
  /** It is ready. */
  | ({ readonly _tag: "Started"; readonly tookMs: number } & Incarnation)
  | ({ readonly _tag: "Declined" } & Incarnation)
  /** Its process runs. `startTime`: in clock ticks since boot (Linux: field 22 of /proc/PID/stat). */
  | ({ readonly _tag: "Spawned"; readonly pid: number; readonly startTime: number } & Incarnation)
  /** These members of its process group do not die of SIGKILL. */
  | ({ readonly _tag: "Blocked"; readonly pids: ReadonlyArray<number> } & Incarnation)
  | ({ readonly _tag: "StartFailed"; readonly exit: Exit } & Incarnation)
  /** It ended by itself. */
  | ({ readonly _tag: "Exited"; readonly exit: Exit; readonly normal: boolean; readonly uptimeMs: number } & Incarnation)
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
  /** It was restarted too often, and is left alone for `delayMs`; `attempt` counts how often that has happened in a row, from 1. */
  | ({ readonly _tag: "Failed"; readonly attempt: number; readonly delayMs: number } & Incarnation)
  /** A failed child is tried again, once and uncounted. */
  | ({ readonly _tag: "TriedAgain" } & Incarnation)
  /** Its wait ends before its time: it is stopped, or restarted with others. */
  | ({ readonly _tag: "WaitCancelled" } & Incarnation)
  | ({ readonly _tag: "Stopping"; readonly how: Shutdown } & Incarnation)
  /** It ended because we stopped it. */
  | ({ readonly _tag: "Stopped"; readonly exit: Exit } & Incarnation)
  /** This supervisor is going down, and why. */
  | ({ readonly _tag: "Ending"; readonly exit: Exit } & Incarnation)
  /** It runs, but has been silent for longer than is usual. */
  | ({ readonly _tag: "Suspected"; readonly silence: HeartbeatSilence } & Incarnation)
  /** It has given a sign of life; so long it was suspect. */
  | ({ readonly _tag: "Cleared"; readonly afterMs: number } & Incarnation)
  /** It runs and is taken for dead: it is stopped, and will be restarted as if it had crashed. */
  | ({ readonly _tag: "Convicted"; readonly exit: ConvictionExit; readonly how: Shutdown } & Incarnation)
  /** So many fell silent together that the cause is hardly in them: nobody is stopped for it, and at `until` their supervisor ends. */
  | { readonly _tag: "CommonSilence"; readonly path: string; readonly suspects: number; readonly of: number; readonly until: number }
  /** A check that only reports has failed; it has succeeded again. */
  | ({ readonly _tag: "HealthCheckFailed"; readonly because: string } & Incarnation)
  | ({ readonly _tag: "HealthCheckPassed" } & Incarnation)
  /** It is not started yet, because of something else; nothing is counted. */
  | ({ readonly _tag: "Pending"; readonly by: PendingOn } & Incarnation)
  /** So many different children of this supervisor have failed within a time: it holds them all. */
  | { readonly _tag: "BreakerOpened"; readonly path: string; readonly failed: number; readonly of: number; readonly withinMs: number }
  /** This one is sent ahead of all who are held. */
  | ({ readonly _tag: "ProbeStarted"; readonly delayMs: number } & Incarnation)
  /** It is no longer held by the breaker, and comes after so long. */
  | ({ readonly _tag: "Released"; readonly delayMs: number } & Incarnation)
  /** The one ahead has stayed up, so the others follow: so many are still held. */
  | { readonly _tag: "BreakerClosed"; readonly path: string; readonly pending: number }
  | { readonly _tag: "Hold" | "Unhold" | "Added" | "Removed"; readonly path: string }
  /** Every child has finished; the tree stays up. */
  | { readonly _tag: "Idle"; readonly path: string }
  /** The root is gone. */
  | ({ readonly _tag: "Ended"; readonly exit: Exit } & Incarnation)
