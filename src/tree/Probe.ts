/**
 * How a worker is monitored: probes, which check it from outside, and heartbeats, which it sends itself.
 *
 * A check describes one test; a probe is a check with a timetable. `…Spec` is what a person writes; the same names
 * without it are the result of decoding: every field with a default is there, durations are milliseconds, sizes are
 * bytes. Nothing here runs.
 */
import type { Duration, Size } from "./Units.ts"

// ---------------------------------------------------------------- what a person writes: checks

/** What all checks have in common. */
export interface CheckSpecCommon {
  /** Fails without an answer within this time. Default 1 second. */
  readonly timeout?: Duration
}

/**
 * Succeeds if an HTTP request is answered with the right status. Redirects are not followed; each check opens a new
 * connection.
 */
export interface HttpCheckSpec extends CheckSpecCommon {
  readonly type: "http"
  /** `http:` or `https:`. A name and a password in it are sent as basic authentication. */
  readonly url: string
  /** Default GET. */
  readonly method?: HttpMethod
  readonly headers?: { readonly [name: string]: string }
  /** The accepted status. Default 200 to 399, as in Kubernetes. */
  readonly status?: number | { readonly from: number; readonly to: number }
  /** A regular expression that the first 64 KiB of the body must match. */
  readonly body?: string
  /** Accept any certificate. Default false. */
  readonly insecure?: boolean
  /** Send the request to this unix socket instead of the URL's host. Relative to the worker's `cwd`. */
  readonly socket?: string
}

/** The allowed methods; see `HttpCheckSpec`. */
export type HttpMethod = "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT"

/** Succeeds if a TCP connection is accepted. */
export interface TcpCheckSpec extends CheckSpecCommon {
  readonly type: "tcp"
  readonly port: number
  /** Default `127.0.0.1`. */
  readonly host?: string
}

/** Succeeds if a connection is accepted on a unix socket and, with `expect`, the answer matches. */
export interface UnixCheckSpec extends CheckSpecCommon {
  readonly type: "unix"
  /** Relative to the worker's `cwd`. */
  readonly path: string
  /** Text to send first, exactly as written: include the newline if one is needed. */
  readonly send?: string
  /** A regular expression that the first 4 KiB of the answer must match. */
  readonly expect?: string
}

/**
 * Succeeds if a command ends with one of these exit codes. It runs in the worker's `cwd` and with its `env`, has the
 * worker's pid in `SUPERVISE_PID`, and is killed at the timeout with all that it started.
 */
export interface ExecCheckSpec extends CheckSpecCommon {
  readonly type: "exec"
  /** The command as an argv array; no shell is involved. */
  readonly command: readonly [string, ...ReadonlyArray<string>]
  /** The exit codes that count as success. Default [0]. */
  readonly codes?: ReadonlyArray<number>
}

/**
 * Succeeds if a file exists and, with `maxAge`, was written within that time.
 *
 * A heartbeat file is JSON with a `timestamp` (seconds, milliseconds or ISO 8601). It may have a `pid`, which must then
 * be the worker's own. For any other file the time of its last change counts.
 */
export interface FileCheckSpec extends CheckSpecCommon {
  readonly type: "file"
  /** Relative to the worker's `cwd`. */
  readonly path: string
  readonly maxAge?: Duration
}

/**
 * Succeeds if the worker's process exists, is no zombie, and keeps within these limits. Limits need Linux, and do not
 * include processes that it has started itself.
 */
export interface ProcessCheckSpec extends CheckSpecCommon {
  readonly type: "process"
  /** The most physical memory (RSS) it may use. */
  readonly memory?: Size
  /** The most cores it may use on average from one check to the next, such as 1.5. */
  readonly cpu?: number
}

/** Succeeds if PostgreSQL answers a query. Needs the package `pg`, installed beside supervise. */
export interface SqlCheckSpec extends CheckSpecCommon {
  readonly type: "sql"
  /** `postgres:` or `postgresql:`. */
  readonly url: string
  /** Default `select 1`. */
  readonly query?: string
}

/** Succeeds if a line of the worker's output matched within `maxAge`. */
export interface LogCheckSpec extends CheckSpecCommon {
  readonly type: "log"
  readonly pattern: string
  readonly maxAge: Duration
}

/** One test of a worker. */
export type CheckSpec =
  | HttpCheckSpec
  | TcpCheckSpec
  | UnixCheckSpec
  | ExecCheckSpec
  | FileCheckSpec
  | ProcessCheckSpec
  | SqlCheckSpec
  | LogCheckSpec

// ---------------------------------------------------------------- what a person writes: probes and heartbeats

/** When to run a check, and what to make of its results. */
export interface TimetableSpec {
  /**
   * From the start of one check to the start of the next, never two at once. Default 10 seconds, `ready` 500 millis.
   */
  readonly interval?: Duration
  /** Delay before the first check, from the start of the process, or for `health` from readiness. Default 0 seconds. */
  readonly initialDelay?: Duration
  /** How many successes in a row make it well. Default 1. */
  readonly successThreshold?: number
  /** How many failures in a row make it unwell. Default 3. For `ready` a failure only means: not ready yet. */
  readonly failureThreshold?: number
  /**
   * For `health` only. `"restart"`: the worker has failed, and its supervisor acts (a liveness probe). `"report"`: it
   * is only shown (a readiness probe). Default `"restart"`.
   */
  readonly onFailure?: OnFailure
}

/** What happens to an unwell worker; see `TimetableSpec`. */
export type OnFailure = "restart" | "report"

/** A check with its timetable. */
export type ProbeSpec = CheckSpec & TimetableSpec

/** Where heartbeats come from; see `HeartbeatSpec`. Each success of a check is a beat, and each change of a file. */
export type HeartbeatSourceSpec =
  | "fd"
  | "notify"
  | { readonly type: "line"; readonly pattern: string }
  | Omit<FileCheckSpec, "maxAge">
  | HttpCheckSpec
  | TcpCheckSpec
  | UnixCheckSpec
  | ExecCheckSpec
  | SqlCheckSpec

/** Heartbeats of a worker. How long a silence is too long is learned from them (phi accrual). */
export interface HeartbeatSpec {
  /** The intended interval of the beats. A check runs as often. */
  readonly every: Duration
  /** Default `"fd"`: lines on its own descriptor. `"notify"`: by sd_notify. `line`: a line on stdout that matches. */
  readonly from?: HeartbeatSourceSpec
  /** The assumed distribution of silences. Default hybrid. */
  readonly model?: HeartbeatModel
  /** From this phi on it is suspect, which is only shown. Default 3. */
  readonly suspect?: number
  /** From this phi on it is convicted: it has failed. Default 8. */
  readonly convict?: number
  /** A pause that is normal even if none was seen yet. Default 500 millis. */
  readonly grace?: Duration
  /** A longer silence is a failure whatever phi is. Default the longer of 30 seconds and 10 × `every`. */
  readonly hangAfter?: Duration
  /** How long the first beat may take, from readiness. Default as `hangAfter`. */
  readonly startupGrace?: Duration
}

/** See `HeartbeatSpec`. */
export type HeartbeatModel = "hybrid" | "normal" | "exponential"

// ---------------------------------------------------------------- after decoding

/** What all decoded checks have in common. */
export interface CheckCommon {
  /** In milliseconds. */
  readonly timeout: number
}

/** See `HttpCheckSpec`. */
export interface HttpCheck extends CheckCommon {
  readonly type: "http"
  readonly url: string
  readonly method: HttpMethod
  readonly headers: { readonly [name: string]: string }
  /** Both included. */
  readonly status: { readonly from: number; readonly to: number }
  readonly body?: string
  readonly insecure: boolean
  readonly socket?: string
}

/** See `TcpCheckSpec`. */
export interface TcpCheck extends CheckCommon {
  readonly type: "tcp"
  readonly port: number
  readonly host: string
}

/** See `UnixCheckSpec`. */
export interface UnixCheck extends CheckCommon {
  readonly type: "unix"
  readonly path: string
  readonly send?: string
  readonly expect?: string
}

/** See `ExecCheckSpec`. */
export interface ExecCheck extends CheckCommon {
  readonly type: "exec"
  readonly command: readonly [string, ...ReadonlyArray<string>]
  readonly codes: ReadonlyArray<number>
}

/** See `FileCheckSpec`. */
export interface FileCheck extends CheckCommon {
  readonly type: "file"
  readonly path: string
  /** In milliseconds. */
  readonly maxAge?: number
}

/** See `ProcessCheckSpec`. */
export interface ProcessCheck extends CheckCommon {
  readonly type: "process"
  /** In bytes. */
  readonly memory?: number
  /** In cores. */
  readonly cpu?: number
}

/** See `SqlCheckSpec`. */
export interface SqlCheck extends CheckCommon {
  readonly type: "sql"
  readonly url: string
  readonly query: string
}

/** See `LogCheckSpec`. */
export interface LogCheck extends CheckCommon {
  readonly type: "log"
  readonly pattern: string
  /** In milliseconds. */
  readonly maxAge: number
}

/** One test of a worker, decoded. */
export type Check = HttpCheck | TcpCheck | UnixCheck | ExecCheck | FileCheck | ProcessCheck | SqlCheck | LogCheck

/** See `TimetableSpec`. All times in milliseconds. */
export interface Timetable {
  readonly interval: number
  readonly initialDelay: number
  readonly successThreshold: number
  readonly failureThreshold: number
}

/** A probe that decides when a worker is ready. */
export type ReadyProbe = Check & Timetable
/** A probe that decides whether a worker is well. */
export type Probe = ReadyProbe & { readonly onFailure: OnFailure }

/** See `HeartbeatSourceSpec`. */
export type HeartbeatSource =
  | { readonly type: "fd" }
  | { readonly type: "notify" }
  | { readonly type: "line"; readonly pattern: string }
  | Omit<FileCheck, "maxAge">
  | HttpCheck
  | TcpCheck
  | UnixCheck
  | ExecCheck
  | SqlCheck

/** See `HeartbeatSpec`. All times in milliseconds. */
export interface Heartbeat {
  readonly every: number
  readonly from: HeartbeatSource
  readonly model: HeartbeatModel
  readonly suspect: number
  readonly convict: number
  readonly grace: number
  readonly hangAfter: number
  readonly startupGrace: number
}
