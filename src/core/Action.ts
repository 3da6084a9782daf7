/** What the world is to do about it, and what it may know. */
import type { Shutdown, Worker } from "../spec/Spec.ts"
import type { Answer, Life, Purpose } from "./Event.ts"
import type { Exit } from "./Exit.ts"

export type Action =
  /** Answer with exactly one of Ready, Declined, Exited; after Ready, with exactly one Exited. */
  | ({ readonly _tag: "Spawn"; readonly spec: Worker; readonly argv: ReadonlyArray<string> } & Life)
  /** Ask it to end, and kill it when `how` has passed. May be repeated. */
  | ({ readonly _tag: "Stop"; readonly how: Shutdown } & Life)
  /** Send `Wake` with the same words when the clock has reached `at`. Never cancelled: what comes too late is dropped. */
  | ({ readonly _tag: "Wake"; readonly at: number; readonly purpose: Purpose } & Life)
  | { readonly _tag: "Reply"; readonly ticket: number; readonly answer: Answer }
  /** The root has ended, and nothing is left. */
  | { readonly _tag: "Finish"; readonly booted: boolean; readonly exit: Exit }
  | { readonly _tag: "News"; readonly news: News }

/** What happened, for whoever watches. Nothing depends on it. */
export type News =
  | ({ readonly _tag: "Starting"; readonly type: "worker" | "supervisor" | "pool" } & Life)
  /** It is ready. */
  | ({ readonly _tag: "Started"; readonly tookMs: number } & Life)
  | ({ readonly _tag: "Declined" } & Life)
  | ({ readonly _tag: "StartFailed"; readonly exit: Exit } & Life)
  /** It ended by itself. */
  | ({ readonly _tag: "Exited"; readonly exit: Exit; readonly normal: boolean; readonly uptimeMs: number } & Life)
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
  | ({ readonly _tag: "Waiting"; readonly attempt: number; readonly delayMs: number } & Life)
  /** Its backoff is over before its time: it was stopped, or has fallen with others. */
  | ({ readonly _tag: "WaitCancelled" } & Life)
  | ({ readonly _tag: "Stopping"; readonly how: Shutdown } & Life)
  /** It ended because we stopped it. */
  | ({ readonly _tag: "Stopped"; readonly exit: Exit } & Life)
  /** This supervisor is going down, and why. */
  | ({ readonly _tag: "Ending"; readonly exit: Exit } & Life)
  | { readonly _tag: "Held" | "Released" | "Added" | "Removed"; readonly path: string }
  /** Every child has finished; the tree stays up. */
  | { readonly _tag: "Idle"; readonly path: string }
  /** The root is gone. */
  | ({ readonly _tag: "Ended"; readonly exit: Exit } & Life)
