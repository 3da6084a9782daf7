/**
 * What a tree remembers. `step` owns it and changes it in place: what matters is determinism, not immutability.
 *
 * The state of a child is its phase and a few memberships. These combinations are legal after every event. `checkState`
 * is this table as a function; tests call it after every event:
 *
 *   phase       toStop   toStart   also in
 *   down        may be   may be    in toStart: waiting for its turn
 *   starting    may be   always    (not toStart only if toStop; bootWaitsFor during boot)
 *   up          may be   only with toStop: it is to be started again
 *   stopping    always   may be
 *   backoff     may be   always    until: when its delay ends
 *   pending     may be   always    pendingOn: a need (pendingOnNeed), the breaker (pending or probe), the gate (queue)
 *   restarting  may be   may be    retrying
 *   failed      may be   only with toStop    until: when it is tried again
 *
 * What has to survive the end of this process is `HardState`, which `Image.ts` writes down. The rest is made again from
 * it.
 */
import type { Breaker, StartGate } from "../tree/Pacing.ts"
import type { Child, Pool, Supervisor } from "../tree/Spec.ts"
import type { Action } from "./Action.ts"
import type { PendingOn } from "./Decision.ts"
import type { ConvictionExit, Event, HeartbeatSilence, Incarnation } from "./Event.ts"
import type { Exit } from "./Exit.ts"
import type { PathRecord } from "./PathRecord.ts"
import type { RestartWindow } from "./pacing/Intensity.ts"
import type { RecentFailures } from "./pacing/RecentFailures.ts"

/**
 * down: not running. backoff: its delay runs. pending: to be started, but waits for a need, the breaker or the gate;
 * nothing is counted meanwhile. restarting: a restart failed, and the retry is in the queue. starting: spawned, not
 * ready. up. stopping: asked to end. failed: restarted too often, and left alone until its next attempt
 * (`onIntensity: "failChild"`).
 */
export type Phase = "down" | "backoff" | "pending" | "restarting" | "starting" | "up" | "stopping" | "failed"

export interface ChildState {
  readonly id: string
  /** Its place in the order of its siblings. */
  readonly position: number
  readonly path: string
  readonly parent: SupervisorState
  readonly spec: Child
  /** Appended to the command by the caller that started this instance of a pool. */
  readonly argv: ReadonlyArray<string>
  readonly record: PathRecord
  phase: Phase
  /** When this phase began. */
  since: number
  /**
   * In backoff: when it ends. Starting: when it has to be ready. Stopping: when it is killed. Failed: when it is tried
   * again.
   */
  until: number
  /** The process it has, once the world has reported it. */
  process: { readonly pid: number; readonly startTime: number } | undefined
  /** Members of its process group that do not die of SIGKILL. */
  blocked: ReadonlyArray<number> | undefined
  /** Whether it has been up in this incarnation of its supervisor. */
  wasUp: boolean
  /** Its start timeout was put off once, because we had not run. */
  isExtended: boolean
  /**
   * Set when its start timeout has passed and it is being stopped: how long it was starting. Its exit is a failed
   * start.
   */
  overdueAfterMs: number | undefined
  /** Set when it was convicted and is being stopped: what its exit will be, and when that was. */
  conviction: { readonly exit: ConvictionExit; readonly at: number } | undefined
  /** Since when it is suspect, and of what. */
  suspect: { readonly silence: HeartbeatSilence; readonly at: number } | undefined
  /** Convicted, but siblings are silent, too: not carried out yet. */
  deferredConviction: ConvictionExit | undefined
  /** What a check that only reports has found. */
  failingCheck: string | undefined
  /** What this incarnation says of itself. */
  status: string | undefined
  pendingOn: PendingOn | undefined
  /** It is stopped or started alone: it waits for no sibling, and no sibling waits for it. */
  independent: boolean
  lastExit: Exit | undefined
  /** Its restarts in the period, where they are counted per child (`onIntensity: "failChild"`). */
  window: RestartWindow | undefined
  /**
   * How often it has failed since it last stayed up. While this is set, one more end that calls for a restart is a
   * failure again.
   */
  failures: number | undefined
  /**
   * The calls that wait for the outcome of this start or stop; all for the same one. After `start` (the child was new,
   * and is removed) and `restart` (its spec stays) a failed start is only answered; after `again` (a start
   * or restart by the operator, of a child that would be started anyway) it is retried as well.
   */
  tickets: Array<number>
  askedFor: "start" | "restart" | "again" | "terminate" | undefined
}

/**
 * closed: each child fails for itself. open: many failed at once, and `probe` is started. halfOpen: it is up, and must
 * stay up.
 */
export interface BreakerState {
  readonly spec: Breaker
  phase: "closed" | "open" | "halfOpen"
  /** When it opened. */
  since: number
  /** How many probes were started. */
  probes: number
  probe: ChildState | undefined
  /** The children that wait, in the order in which they failed. */
  readonly pending: Set<ChildState>
  readonly recentFailures: RecentFailures
}

/** The start gate of the whole tree: a token bucket, and the children that wait for a token, first come first. */
export interface GateState {
  readonly spec: StartGate
  tokens: number
  /** When the tokens were last counted. */
  at: number
  /** When it looks again, if it is going to. */
  wakeAt: number
  /** Processes on their way to being ready. */
  starting: number
  readonly queue: Map<ChildState, SupervisorState>
  /** The child whose turn it is. */
  admitted: ChildState | undefined
}

export interface SupervisorState extends Incarnation {
  readonly id: string
  /** Undefined at the root. */
  readonly parent: string | undefined
  readonly spec: Supervisor | Pool
  readonly record: PathRecord
  /** In start order. */
  readonly children: Map<string, ChildState>
  /** The position of the next child. */
  nextPosition: number
  /** To be stopped, or being stopped. */
  readonly toStop: Set<ChildState>
  /** To be started, or being started. */
  readonly toStart: Set<ChildState>
  /** Independent children that may have something to do. */
  runnable: Array<ChildState>
  /** Their restart has failed, and the retry is in the queue. */
  readonly retrying: Set<ChildState>
  /** The children that boot still waits for. */
  readonly bootWaitsFor: Set<ChildState>
  readonly window: RestartWindow
  /** The children that failed in the last second. */
  readonly recentFailures: RecentFailures
  readonly breaker: BreakerState | undefined
  /** The ids that some child names in its needs. */
  readonly needed: Set<string>
  /** The children that wait for a sibling. */
  readonly pendingOnNeed: Set<ChildState>
  readonly failed: Set<ChildState>
  /** Its suspect children. */
  readonly suspects: Set<ChildState>
  /** Since when at least half of them are silent, so that none is stopped for it. */
  commonSilenceSince: number | undefined
  readonly startedAt: number
  /** When its mode began. */
  since: number
  mode: "booting" | "running" | "ending"
  hasBooted: boolean
  /** Why it ends. */
  exit: Exit
  /** It is being killed, and with it everything below. */
  brutal: boolean
}

/** Sent between supervisors of one tree, beside what comes from outside. */
export type Internal =
  | ({
      readonly _tag: "Init"
      readonly parent: string | undefined
      readonly spec: Supervisor | Pool
      readonly record: PathRecord
    } & Incarnation)
  | ({ readonly _tag: "StopSupervisor" | "KillSupervisor" } & Incarnation)
  /** A process that was starting is not any more. */
  | { readonly _tag: "Admit" }

/** What must survive the end of our process: see `Image.ts`. */
interface HardState {
  readonly root: Supervisor | Pool
  readonly rootPath: string
  readonly seed: number
  readonly supervisors: Map<string, SupervisorState>
  readonly record: PathRecord
  now: number
  readonly gate: GateState | undefined
}

/** What need not survive: the scratch space of one step, and what can be counted again. */
interface SoftState {
  /** What is to be handled in this step, in order. Supervisors send to each other through it, never by recursion. */
  readonly mailbox: Array<Event | Internal>
  actions: Array<Action>
  /** The children of all supervisors, by path. */
  readonly children: Map<string, ChildState>
  /** How many workers run, or will. */
  active: number
  /** A child has just finished for good. */
  finished: boolean
}

export type TreeState = HardState & SoftState

/** A tree that must not be changed. */
export type ReadonlyTree = Readonly<Omit<HardState, "supervisors">> & {
  readonly supervisors: ReadonlyMap<string, SupervisorState>
  readonly children: ReadonlyMap<string, ChildState>
}

export const isPool = (sup: SupervisorState): boolean => sup.spec.type === "pool"
export const failsChildren = (sup: SupervisorState): boolean => sup.spec.onIntensity === "failChild"
export const hasProcess = (child: ChildState): boolean => child.phase === "up" || child.phase === "starting" || child.phase === "stopping"
export const incarnationOf = (child: ChildState): Incarnation => ({ path: child.path, incarnation: child.record.incarnation })
