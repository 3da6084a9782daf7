/** What can happen to a tree: everything that `step` folds. */
import type { Child } from "../tree/Spec.ts"
import type { Exit } from "./Exit.ts"

/** One incarnation of one child. News of an earlier one carries its number and is dropped. */
export interface Incarnation {
  readonly path: string
  readonly incarnation: number
}

/**
 * What a wait was for. `backoff`: the delay between an exit and the next start is over. `retry`: a failed restart is
 * tried again, at once, but after what is already in the queue. `startTimeout`: it should be ready by now. `shutdown`:
 * a supervisor should have stopped by now. `probe`: the breaker's probe is to be started. `stable`: the probe has been
 * up for long enough. `silence`: a deferred conviction is reconsidered. `gate`: the gate may let a child through.
 * `failed`: a failed child is tried again.
 */
export type Purpose = "backoff" | "retry" | "startTimeout" | "shutdown" | "probe" | "stable" | "silence" | "gate" | "failed"

export type Event =
  /** The root comes up. */
  | { readonly _tag: "Boot" }
  /** The root goes down in order. */
  | { readonly _tag: "Stop" }
  /** The root, and all below it, is killed. */
  | { readonly _tag: "Kill" }
  /** Its process runs: the start timeout begins. Optional. In a rehearsal there is no process, and no pid. */
  | ({ readonly _tag: "Spawned"; readonly pid?: number; readonly startTime?: number } & Incarnation)
  /** These members of its process group do not die of SIGKILL. */
  | ({ readonly _tag: "Blocked"; readonly pids: ReadonlyArray<number> } & Incarnation)
  | ({ readonly _tag: "Ready" } & Incarnation)
  /** The start succeeded, and there is nothing to run. (OTP: `ignore`) */
  | ({ readonly _tag: "Declined" } & Incarnation)
  /**
   * `pressure`: how short of CPU or memory the machine was, in [0, 1]; 0 where it is left out. `strays`: the pids of
   * processes that had left its group, and were ended with it. `usage`: where it is known.
   */
  | ({
      readonly _tag: "Exited"
      readonly exit: Exit
      readonly pressure?: number
      readonly strays?: ReadonlyArray<number>
      readonly usage?: Usage
    } & Incarnation)
  /** It has been silent for longer than usual; nothing is done yet. */
  | ({ readonly _tag: "Suspected"; readonly silence: HeartbeatSilence } & Incarnation)
  /** A suspect has sent a heartbeat. */
  | ({ readonly _tag: "Cleared" } & Incarnation)
  /** It runs, but is to be stopped as if it had crashed. `exit` will be its exit. */
  | ({ readonly _tag: "Convicted"; readonly exit: ConvictionExit } & Incarnation)
  /** A check that only reports has a new result; of a child that is starting: why it is not ready yet. */
  | ({ readonly _tag: "Health"; readonly healthy: boolean; readonly because: string } & Incarnation)
  /**
   * It says so itself. `status`: what it is doing, empty if it has nothing to say any more. `extendMs`: if it is
   * starting, it needs this long from now.
   */
  | ({ readonly _tag: "Notified"; readonly status?: string; readonly extendMs?: number } & Incarnation)
  /**
   * Something it depends on has changed, such as its program: a start may succeed now, so it need not wait any longer.
   */
  | { readonly _tag: "Hint"; readonly path: string }
  /**
   * `missedMs`: how long the supervisor did not run between the `Wake` action and the time it named; 0 where it is left
   * out.
   */
  | ({ readonly _tag: "Wake"; readonly purpose: Purpose; readonly missedMs?: number } & Incarnation)
  /** A call to the supervisor at `path`. It is answered once, by a `Reply` with the same ticket. */
  | { readonly _tag: "Call"; readonly path: string; readonly ticket: number; readonly request: Request }

/** What a process has used of the machine, and the children that it has waited for. */
export interface Usage {
  readonly userMs: number
  readonly systemMs: number
  readonly maxRssBytes: number
}

/** `everyMs`: how often it should send a heartbeat. `evidence`: what was seen of its process. */
export interface HeartbeatSilence {
  readonly phi: number
  readonly silenceMs: number
  readonly everyMs: number
  readonly evidence: string
}

/** Why a running child is convicted. */
export type ConvictionExit = Extract<Exit, { readonly _tag: "Hung" | "Unhealthy" }>

export type Request =
  | { readonly _tag: "startChild"; readonly spec: Child }
  /** One more instance of a pool; `argv` is appended to its command. */
  | { readonly _tag: "startInstance"; readonly argv: ReadonlyArray<string> }
  | { readonly _tag: "terminateChild" | "restartChild" | "deleteChild" | "getChildSpec"; readonly id: string }
  | { readonly _tag: "whichChildren" | "countChildren" }
  /** The operator's own: keep it down; start it now; restart it and the affected siblings, uncounted. */
  | { readonly _tag: "hold" | "start" | "restart"; readonly id: string }
  | { readonly _tag: "scale"; readonly size: number }

export type Answer =
  | { readonly _tag: "Done" }
  /** The child runs, as this incarnation. */
  | { readonly _tag: "Up"; readonly path: string; readonly incarnation: number }
  /** The child declined to start. */
  | { readonly _tag: "Nothing"; readonly path: string }
  | { readonly _tag: "Spec"; readonly spec: Child }
  | { readonly _tag: "Children"; readonly children: ReadonlyArray<ChildAnswer> }
  | { readonly _tag: "Count"; readonly specs: number; readonly active: number; readonly supervisors: number; readonly workers: number }
  | { readonly _tag: "Refused"; readonly why: Refusal }

/** `incarnation`: the last one, if none runs. `restarting`: also in backoff or pending. */
export interface ChildAnswer {
  readonly id: string
  readonly type: Child["type"]
  readonly state: "running" | "restarting" | "down"
  readonly incarnation: number
}

export type Refusal =
  /** `nearest`: the path that was probably meant. */
  | { readonly _tag: "NotFound"; readonly path: string; readonly nearest?: string }
  /** Several paths end like this. */
  | { readonly _tag: "Ambiguous"; readonly path: string; readonly candidates: ReadonlyArray<string> }
  /** There is such a supervisor in the tree, but it does not run at present. */
  | { readonly _tag: "NotRunning"; readonly path: string }
  | { readonly _tag: "NotSupervisor"; readonly path: string }
  | { readonly _tag: "AlreadyStarted"; readonly path: string; readonly incarnation: number }
  | { readonly _tag: "AlreadyPresent"; readonly path: string }
  | { readonly _tag: "Running"; readonly path: string }
  | { readonly _tag: "Restarting"; readonly path: string }
  /** It was to stop, and before it had stopped it was to be started again. */
  | { readonly _tag: "Superseded"; readonly path: string }
  /** Its supervisor is on its way down. */
  | { readonly _tag: "Stopping"; readonly path: string }
  /** The child was stopped before it was ready. */
  | { readonly _tag: "Terminated"; readonly path: string }
  | { readonly _tag: "StartFailed"; readonly path: string; readonly exit: Exit }
  | { readonly _tag: "IsPool"; readonly path: string }
  | { readonly _tag: "NotPool"; readonly path: string }
  | { readonly _tag: "PoolFull"; readonly path: string; readonly max: number }
  /** A pool has a whole number of instances, 0 or more. */
  | { readonly _tag: "BadSize"; readonly path: string; readonly size: number }
  /** This can only be done to a child, not to the root. */
  | { readonly _tag: "IsRoot"; readonly path: string }
  /** Signals go to workers. */
  | { readonly _tag: "NotWorker"; readonly path: string }
  | { readonly _tag: "BadSignal"; readonly path: string; readonly signal: string }
