/** What the world is to do about it, and what it may know. */
import type { Shutdown, Worker } from "../spec/Spec.ts"
import type { Decision, HeldBy } from "./Decision.ts"
import type { Answer, Life, Purpose, Silence, Verdict } from "./Event.ts"
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
  /** For whoever asks why. Nothing depends on it. */
  | { readonly _tag: "Decide"; readonly decision: Decision }

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
  /** It runs, but has been silent for longer than is usual. */
  | ({ readonly _tag: "Suspected"; readonly silence: Silence } & Life)
  /** It has given a sign of life; so long it was suspect. */
  | ({ readonly _tag: "Cleared"; readonly afterMs: number } & Life)
  /** It runs and is taken for dead: it is stopped, and will be restarted as if it had crashed. */
  | ({ readonly _tag: "Convicted"; readonly exit: Verdict; readonly how: Shutdown } & Life)
  /** So many fell silent together that the cause is hardly in them: nobody is stopped for it, and at `until` their supervisor ends. */
  | { readonly _tag: "Silence"; readonly path: string; readonly suspects: number; readonly of: number; readonly until: number }
  /** A check that only reports has failed; it has succeeded again. */
  | ({ readonly _tag: "Ailing"; readonly because: string } & Life)
  | ({ readonly _tag: "Recovered" } & Life)
  /** It is not started yet, because of something else; nothing is counted. */
  | ({ readonly _tag: "HeldUp"; readonly by: HeldBy } & Life)
  /** So many different children of this supervisor have failed within a time: it holds them all. */
  | { readonly _tag: "BreakerOpened"; readonly path: string; readonly failed: number; readonly of: number; readonly withinMs: number }
  /** This one is sent ahead of all who are held. */
  | ({ readonly _tag: "SentAhead"; readonly delayMs: number } & Life)
  /** It is no longer held by the breaker, and comes after so long. */
  | ({ readonly _tag: "Follows"; readonly delayMs: number } & Life)
  /** The one ahead has stayed up, so the others follow: so many are still held. */
  | { readonly _tag: "BreakerClosed"; readonly path: string; readonly held: number }
  | { readonly _tag: "Held" | "Released" | "Added" | "Removed"; readonly path: string }
  /** Every child has finished; the tree stays up. */
  | { readonly _tag: "Idle"; readonly path: string }
  /** The root is gone. */
  | ({ readonly _tag: "Ended"; readonly exit: Exit } & Life)
