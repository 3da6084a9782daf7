/**
 * What a tree is: plain, serialisable data in the words of OTP.
 *
 * `…Spec` is what a person writes: durations are strings, everything with a default may be left out. `Supervisor`, `Worker` and
 * `Pool` are the same after decoding: every field is there and durations are milliseconds. Nothing here runs.
 */
import type { Backoff, BackoffSpec, Breaker, BreakerSpec, StartGate, StartGateSpec } from "./Pacing.ts"
import type { Heartbeat, HeartbeatSpec, Probe, ProbeSpec, ReadyProbe } from "./Probe.ts"
import type { Duration } from "./Units.ts"

/** Who falls with a fallen child: only it, everyone, or it and those after it in the list. (OTP: supervisor strategies) */
export type Strategy = "OneForOne" | "OneForAll" | "RestForOne"
/** Permanent: always restarted. Transient: after an abnormal exit. Temporary: never, and forgotten when it ends. */
export type Restart = "permanent" | "transient" | "temporary"
/** Does the end of significant children end their supervisor? */
export type AutoShutdown = "never" | "anySignificant" | "allSignificant"
/** Strict: a child that cannot start at boot takes its supervisor down with it. Retry: it is restarted as after boot. */
export type Boot = "strict" | "retry"
/** What a supervisor does above its limit. Escalate: it gives up and fails to its parent. FailChild: it leaves that child alone for a while. */
export type OnIntensity = "escalate" | "failChild"
/** What may ask a worker to stop, or be sent to it. */
export type Signal = "SIGTERM" | "SIGINT" | "SIGHUP" | "SIGQUIT" | "SIGUSR1" | "SIGUSR2" | "SIGABRT" | "SIGKILL" | "SIGWINCH"

// ---------------------------------------------------------------- what a person writes

/**
 * When is a worker ready, so that the next child may start?
 * `"spawned"`: as soon as it runs. `"exited"`: when it has ended with a success code (a job that others need; transient or temporary).
 * `line`: a line on stdout matches. `fd`: it writes a newline to that descriptor, whose number it finds in `SUPERVISE_FD` (the s6 protocol).
 * A probe: it succeeds, so many times in a row as its `successThreshold` says.
 */
export type ReadySpec = "spawned" | "exited" | LineSpec | FdSpec | ProbeSpec
/** A line on stdout that matches this regular expression. */
export interface LineSpec {
  readonly type: "line"
  readonly pattern: string
}
/** A newline on this descriptor, default 3. */
export interface FdSpec {
  readonly type: "fd"
  readonly fd?: number
}

/** What every child has, be it a process or a supervisor. */
export interface ChildSpecCommon {
  /** Unique among its siblings; `[A-Za-z][A-Za-z0-9_-]*`. */
  readonly id: string
  /** Default `permanent`. */
  readonly restart?: Restart
  /** May its end end its supervisor? See `autoShutdown`. Default false. */
  readonly significant?: boolean
  /** How long it may take to stop before it is killed. Default 5 seconds for a worker, `infinity` for a supervisor or pool. */
  readonly shutdown?: Duration | "brutalKill" | "infinity"
  /** Default exponential: 100 ms, doubling up to 30 s, jitter 0.2, forgotten after 30 s of uptime. */
  readonly backoff?: BackoffSpec
  /**
   * Siblings before it in the list without which it is of no use, under OneForOne. Falls while one of them is down are not held against it: it
   * is held, uncounted, and started as soon as they are ready again. (RestForOne and OneForAll say so by their order.) Default none.
   */
  readonly needs?: ReadonlyArray<string>
}

/** One operating-system process. */
export interface WorkerSpec extends ChildSpecCommon {
  readonly type: "worker"
  /** The command as an argv array; no shell. */
  readonly start: readonly [string, ...ReadonlyArray<string>]
  /** Default, and what relative paths are relative to: the tree file's folder. */
  readonly cwd?: string
  /** Merged over the supervisor's own environment; `null` removes a variable. */
  readonly env?: { readonly [name: string]: string | null }
  /** What asks it to stop. Default SIGTERM. */
  readonly stopSignal?: Signal
  /** Exit codes that count as a normal end. Default [0]. */
  readonly successCodes?: ReadonlyArray<number>
  /** Default `"spawned"`. */
  readonly ready?: ReadySpec
  /** How long it may take to be ready. Default 30 seconds where readiness is asked for, `infinity` for `"spawned"` and `"exited"`. */
  readonly startTimeout?: Duration | "infinity"
  /** Probes that ask, from when it is ready, whether it is well. Default none. */
  readonly health?: ProbeSpec | ReadonlyArray<ProbeSpec>
  /** Beats by which it shows that it lives. Default none. */
  readonly heartbeat?: HeartbeatSpec
}

/** What supervisors and pools have in common. */
export interface LimitsSpec extends ChildSpecCommon {
  /** So many restarts are allowed in any `period`; one more and it gives up. Default 5 (pool: the larger of 5 and 2 × size). */
  readonly intensity?: number
  /** Default 30 seconds. */
  readonly period?: Duration
  /**
   * What happens above the limit. `"escalate"`: it gives up and fails to its parent (OTP). `"failChild"`: intensity and period count per child,
   * and a child above them is `failed`: left alone for `retryAfter`, then tried again, while its siblings stay up; not under OneForAll.
   * Default `"escalate"`, but at a root that is OneForOne or a pool `"failChild"`.
   */
  readonly onIntensity?: OnIntensity
  /** How long a failed child is left alone, doubling with each failed attempt up to 1 hour. Default 1 minute. */
  readonly retryAfter?: Duration
  /** Default `strict`. */
  readonly boot?: Boot
  /** What is done when many children fail together, under OneForOne and in a pool. Default: nothing. */
  readonly breaker?: BreakerSpec
  /** How fast processes may be started in the whole tree. At the root only. Default: as fast as they come. */
  readonly startGate?: StartGateSpec
}

/** An ordered list of children, and what to do when one of them fails. */
export interface SupervisorSpec extends LimitsSpec {
  readonly type: "supervisor"
  /** Default `OneForOne`. */
  readonly strategy?: Strategy
  /** Default `never`. */
  readonly autoShutdown?: AutoShutdown
  /** In start order; they are stopped in reverse. */
  readonly children: ReadonlyArray<ChildSpec>
}

/** So many alike, without order. */
export interface PoolSpec extends LimitsSpec {
  readonly type: "pool"
  /** How many instances start at boot. */
  readonly size: number
  /** How many there may ever be at once. Default 10,000. */
  readonly max?: number
  /** What each instance is. Instance n lives at `/…/pool/n`. */
  readonly child: ChildSpec
}

/** Any node of a tree. */
export type ChildSpec = WorkerSpec | SupervisorSpec | PoolSpec
/** The root of a tree. */
export type TreeSpec = SupervisorSpec | PoolSpec

// ---------------------------------------------------------------- after decoding: all fields, milliseconds

/** Milliseconds until it is killed; or at once, or never. */
export type Shutdown = number | "brutalKill" | "infinity"
/** When a worker is ready; see `ReadySpec`. */
export type Ready =
  | { readonly type: "spawned" }
  | { readonly type: "exited" }
  | { readonly type: "line"; readonly pattern: string }
  | { readonly type: "fd"; readonly fd: number }
  | ReadyProbe

/** What every decoded child has; see `ChildSpecCommon`. */
export interface ChildCommon {
  readonly id: string
  readonly restart: Restart
  readonly significant: boolean
  /** In milliseconds. */
  readonly shutdown: Shutdown
  readonly backoff: Backoff
  readonly needs: ReadonlyArray<string>
}

/** See `WorkerSpec`. */
export interface Worker extends ChildCommon {
  readonly type: "worker"
  readonly start: readonly [string, ...ReadonlyArray<string>]
  readonly cwd: string
  readonly env: { readonly [name: string]: string | null }
  readonly stopSignal: Signal
  readonly successCodes: ReadonlyArray<number>
  readonly ready: Ready
  /** In milliseconds. */
  readonly startTimeout: number | "infinity"
  readonly health: ReadonlyArray<Probe>
  readonly heartbeat?: Heartbeat
}

/** What decoded supervisors and pools have in common; see `LimitsSpec`. */
export interface Limits extends ChildCommon {
  readonly intensity: number
  /** In milliseconds. */
  readonly period: number
  readonly onIntensity: OnIntensity
  /** In milliseconds. */
  readonly retryAfter: number
  readonly boot: Boot
  readonly breaker?: Breaker
  readonly startGate?: StartGate
}

/** See `SupervisorSpec`. */
export interface Supervisor extends Limits {
  readonly type: "supervisor"
  readonly strategy: Strategy
  readonly autoShutdown: AutoShutdown
  readonly children: ReadonlyArray<Child>
}

/** See `PoolSpec`. */
export interface Pool extends Limits {
  readonly type: "pool"
  readonly size: number
  readonly max: number
  readonly child: Child
}

/** Any decoded node. */
export type Child = Worker | Supervisor | Pool
/** A decoded tree. */
export type Tree = Supervisor | Pool
