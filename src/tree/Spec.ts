/**
 * What a tree is: plain, serialisable data in the words of OTP.
 *
 * `…Spec` is what a person writes: durations are strings, and fields with a default may be left out. `Supervisor`,
 * `Worker` and `Pool` are the same after decoding: every field is there, and durations are milliseconds. Nothing here
 * runs.
 */
import type { Backoff, BackoffSpec, Breaker, BreakerSpec, StartGate, StartGateSpec } from "./Pacing.ts"
import type { Heartbeat, HeartbeatSpec, Probe, ProbeSpec, ReadyProbe } from "./Probe.ts"
import type { Duration, Size } from "./Units.ts"

/**
 * Which children are restarted when one fails: only that one, all, or that one and those after it in the list. (OTP:
 * supervisor strategies)
 */
export type Strategy = "OneForOne" | "OneForAll" | "RestForOne"
/**
 * Permanent: always restarted. Transient: restarted after an abnormal exit. Temporary: never restarted, and removed
 * when it ends.
 */
export type Restart = "permanent" | "transient" | "temporary"
/** Whether a supervisor shuts down when a significant child, or all of them, end by themselves. */
export type AutoShutdown = "never" | "anySignificant" | "allSignificant"
/** Strict: a child that cannot start at boot takes its supervisor down. Retry: it is restarted, as after boot. */
export type Boot = "strict" | "retry"
/**
 * What a supervisor does when its limit of restarts is exceeded. Escalate: it gives up and ends, for its parent
 * normally. FailChild: it leaves that child alone for a while.
 */
export type OnIntensity = "escalate" | "failChild"
/** The signals that may stop a worker, or be sent to it. */
export type Signal = "SIGTERM" | "SIGINT" | "SIGHUP" | "SIGQUIT" | "SIGUSR1" | "SIGUSR2" | "SIGABRT" | "SIGKILL" | "SIGWINCH"

export type StopTo = "group" | "leader"

export type Stdin = "null" | "pipe"

/** What happens to the output of a worker while its log cannot be written. */
export type WhenFull = "block" | "drop"

// ---------------------------------------------------------------- what a person writes

/**
 * When a worker is ready, so that the next child may start.
 *
 * - `"spawned"`: as soon as it runs.
 * - `"exited"`: when it has ended with a success code. For a job that others need; must be transient or temporary.
 * - `line`: when a line on stdout matches.
 * - `fd`: when it writes a newline to that descriptor, whose number is in `SUPERVISE_FD` (the s6 protocol).
 * - `notify`: when it sends `READY=1` to the socket in `NOTIFY_SOCKET` (systemd's sd_notify). Needs the keeper.
 * - A probe: when it has succeeded `successThreshold` times in a row.
 */
export type ReadySpec = "spawned" | "exited" | LineSpec | FdSpec | NotifySpec | ProbeSpec
/** Ready when a line on stdout matches this regular expression. */
export interface LineSpec {
  readonly type: "line"
  readonly pattern: string
}
/** Ready when it writes a newline to this descriptor, default 3. */
export interface FdSpec {
  readonly type: "fd"
  readonly fd?: number
}
/** Ready when it says so by sd_notify. */
export type NotifySpec = { readonly type: "notify" }

/** The log of a worker: files of the lines that it prints, with their times. */
export interface LogsSpec {
  /** A file that would become larger is rotated: renamed, and a new one begun. Default 10 MiB. */
  readonly size?: Size
  /** How many files there are at most, with the one that is written. Default 5. */
  readonly keep?: number
  /** How large all files may be together; beyond it the oldest are removed. Default: no limit but `keep`. */
  readonly total?: Size
  /** How old the first line of a file may be before the file is rotated. Default any age. */
  readonly maxAge?: Duration
  /**
   * What happens while the log cannot be written, as the disk is full. Block: its output is not read, so it waits when
   * its pipe is full. Drop: its lines are counted, and how many are missing is written when there is room. Default
   * block.
   */
  readonly whenFull?: WhenFull
  /** Whether files that are no longer written are compressed. Default true. */
  readonly compress?: boolean
}

/** What workers, supervisors and pools have in common. */
export interface ChildSpecCommon {
  /** Unique among its siblings. Matches `[A-Za-z][A-Za-z0-9_-]*`. */
  readonly id: string
  /** Default `permanent`. */
  readonly restart?: Restart
  /**
   * Whether its end may shut down its supervisor, see `autoShutdown`. Default false. Must be transient or temporary.
   */
  readonly significant?: boolean
  /**
   * How long it may take to stop before it is killed. `brutalKill`: no time. Default 5 seconds for a worker, `infinity`
   * for a supervisor or pool.
   */
  readonly shutdown?: Duration | "brutalKill" | "infinity"
  /**
   * How long to wait before a restart. Default exponential: 100 ms, doubling up to 30 s, jitter 0.2, reset after 30 s
   * of uptime.
   */
  readonly backoff?: BackoffSpec
  /**
   * Ids of siblings before it in the list that it cannot work without, under OneForOne. If it fails while one of them
   * is down, the failure is not counted: it is `pending`, and starts when they are ready again. (RestForOne and
   * OneForAll express this by their order.) Default none.
   */
  readonly needs?: ReadonlyArray<string>
  /**
   * Whether what it prints is written to files in the state directory, and how. On a supervisor or pool: of all below
   * it that do not say otherwise. `true`: with all defaults. Needs the keeper. Default: with all defaults where the
   * keeper runs and there is a state directory, otherwise not.
   */
  readonly logs?: boolean | LogsSpec
}

/** One operating-system process. */
export interface WorkerSpec extends ChildSpecCommon {
  readonly type: "worker"
  /** The command as an argv array; no shell is involved. */
  readonly start: readonly [string, ...ReadonlyArray<string>]
  /** Its working directory. A relative path starts at the folder of the tree file, which is also the default. */
  readonly cwd?: string
  /** Merged over the supervisor's own environment; `null` removes a variable. */
  readonly env?: { readonly [name: string]: string | null }
  /** The signal that asks it to stop. Default SIGTERM. */
  readonly stopSignal?: Signal
  /**
   * Who gets it: the process group, or only its leader, which then stops its own processes; what is left when the
   * leader has ended is killed. (systemd: `KillMode=mixed`) Default `"group"`.
   */
  readonly stopTo?: StopTo
  /** Exit codes and signals that count as a normal end. Default [0]. */
  readonly successCodes?: ReadonlyArray<number | Signal>
  /** `"null"`: its input is at an end. `"pipe"`: it stays open, and nobody writes to it. Default `"null"`. */
  readonly stdin?: Stdin
  /** When it is ready. Default `"spawned"`. */
  readonly ready?: ReadySpec
  /** How long it may take to become ready. Default `infinity` for `"spawned"` and `"exited"`, otherwise 30 seconds. */
  readonly startTimeout?: Duration | "infinity"
  /** Probes that check, once it is ready, whether it is well. Default none. */
  readonly health?: ProbeSpec | ReadonlyArray<ProbeSpec>
  /** Heartbeats by which it shows that it is alive. Default none. */
  readonly heartbeat?: HeartbeatSpec
}

/** What supervisors and pools have in common. */
export interface LimitsSpec extends ChildSpecCommon {
  /**
   * How many restarts are allowed in any `period`. One more exceeds the limit. Default 5; for a pool that escalates the
   * larger of 5 and 2 × size.
   */
  readonly intensity?: number
  /** The period that `intensity` refers to. Default 30 seconds. */
  readonly period?: Duration
  /**
   * What happens when the limit is exceeded. `"escalate"`: it gives up and ends, which is a normal exit for its parent
   * (OTP). `"failChild"`: intensity and period count per child, and a child that exceeds them is `failed`: left alone
   * for `retryAfter`, then tried again, while its siblings stay up. Not allowed under OneForAll.
   *
   * Default `"escalate"`; for a root that is OneForOne or a pool `"failChild"`.
   */
  readonly onIntensity?: OnIntensity
  /** How long a failed child is left alone, doubling with each failed attempt up to 1 hour. Default 1 minute. */
  readonly retryAfter?: Duration
  /** What happens when a child cannot start at boot. Default `strict`. */
  readonly boot?: Boot
  /** What to do when many children fail together, under OneForOne and in a pool. Default: nothing. */
  readonly breaker?: BreakerSpec
  /** How fast processes may be started in the whole tree. Allowed at the root only. Default: no limit. */
  readonly startGate?: StartGateSpec
}

/** An ordered list of children, and what to do when one of them fails. */
export interface SupervisorSpec extends LimitsSpec {
  readonly type: "supervisor"
  /** Which children are restarted when one fails. Default `OneForOne`. */
  readonly strategy?: Strategy
  /** Whether the end of significant children shuts it down. Default `never`. */
  readonly autoShutdown?: AutoShutdown
  /**
   * How many children may be starting at once at boot, under `OneForOne`; then `needs` is their only order. Default 1:
   * each starts when the one before is ready.
   */
  readonly bootConcurrency?: number
  /** The children, in start order. They are stopped in reverse. */
  readonly children: ReadonlyArray<ChildSpec>
}

/** A number of identical children, without order. (OTP: simple_one_for_one) */
export interface PoolSpec extends LimitsSpec {
  readonly type: "pool"
  /** How many instances start at boot. */
  readonly size: number
  /** How many instances there may be at once. Default 10,000. */
  readonly max?: number
  /** The template of every instance. Instance n has the path `/…/pool/n`. */
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
  | { readonly type: "notify" }
  | ReadyProbe

/** See `LogsSpec`. */
export interface Logs {
  /** In bytes. */
  readonly size: number
  readonly keep: number
  /** In bytes. */
  readonly total?: number
  /** In milliseconds. */
  readonly maxAge?: number
  readonly whenFull: WhenFull
  readonly compress: boolean
}

/** What every decoded child has; see `ChildSpecCommon`. */
export interface ChildCommon {
  readonly id: string
  readonly restart: Restart
  readonly significant: boolean
  /** In milliseconds. */
  readonly shutdown: Shutdown
  readonly backoff: Backoff
  readonly needs: ReadonlyArray<string>
  /** Left out: as the supervisor above it has it. */
  readonly logs?: false | Logs
}

/** See `WorkerSpec`. */
export interface Worker extends ChildCommon {
  readonly type: "worker"
  readonly start: readonly [string, ...ReadonlyArray<string>]
  readonly cwd: string
  readonly env: { readonly [name: string]: string | null }
  readonly stopSignal: Signal
  readonly stopTo: StopTo
  readonly successCodes: ReadonlyArray<number | Signal>
  readonly stdin: Stdin
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
  readonly bootConcurrency: number
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
