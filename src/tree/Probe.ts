/**
 * How a worker is looked at from outside: probes, which ask, and heartbeats, which it sends by itself.
 *
 * A check is what to ask once; a probe is a check with a timetable. `…Spec` is what a person writes; the same names without it are what
 * decoding makes of that: every field with a default is there, durations are milliseconds, sizes bytes. Nothing here runs.
 */
import type { Duration, Size } from "./Units.ts"

// ---------------------------------------------------------------- what a person writes: checks

/** What every check has. */
export interface CheckSpecCommon {
  /** No answer within this time is a failure. Default 1 second. */
  readonly timeout?: Duration
}

/** It answers an HTTP request with such a status. Redirects are not followed; each time it is a new connection. */
export interface HttpCheckSpec extends CheckSpecCommon {
  readonly type: "http"
  /** `http:` or `https:`; a name and a password in it become basic authentication. */
  readonly url: string
  /** Default GET. */
  readonly method?: HttpMethod
  readonly headers?: { readonly [name: string]: string }
  /** Default 200 to 399, as in Kubernetes. */
  readonly status?: number | { readonly from: number; readonly to: number }
  /** A regular expression that the first 64 KiB of the body must match. */
  readonly body?: string
  /** Take any certificate. Default false. */
  readonly insecure?: boolean
  /** Ask on this unix socket, not at the host of the URL. Relative to the worker's `cwd`. */
  readonly socket?: string
}

/** What may be asked for; see `HttpCheckSpec`. */
export type HttpMethod = "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT"

/** It takes a TCP connection. */
export interface TcpCheckSpec extends CheckSpecCommon {
  readonly type: "tcp"
  readonly port: number
  /** Default `127.0.0.1`. */
  readonly host?: string
}

/** It takes a connection on a unix socket and, if `expect` is given, answers something that matches. */
export interface UnixCheckSpec extends CheckSpecCommon {
  readonly type: "unix"
  /** Relative to the worker's `cwd`. */
  readonly path: string
  /** What to say first, as it is: a newline must be written. */
  readonly send?: string
  /** A regular expression that the first 64 KiB of the answer must match. */
  readonly expect?: string
}

/**
 * A command ends with such an exit code. It runs in the worker's `cwd` and with its `env`, has the worker's pid in `SUPERVISE_PID`, and is
 * killed with all that it started when its time is over.
 */
export interface ExecCheckSpec extends CheckSpecCommon {
  readonly type: "exec"
  /** As an argv array; no shell. */
  readonly command: readonly [string, ...ReadonlyArray<string>]
  /** Default [0]. */
  readonly codes?: ReadonlyArray<number>
}

/**
 * A file is there; with `maxAge` also: it was written within that time. A heartbeat file is JSON with a `timestamp` (seconds, milliseconds or
 * ISO 8601), and may have a `pid`, which then must be the worker's own; of any other file it is the time of its last change.
 */
export interface FileCheckSpec extends CheckSpecCommon {
  readonly type: "file"
  /** Relative to the worker's `cwd`. */
  readonly path: string
  readonly maxAge?: Duration
}

/** Its process is there, is no zombie, and keeps within limits. (Linux; not those that it has started itself.) */
export interface ProcessCheckSpec extends CheckSpecCommon {
  readonly type: "process"
  /** How much physical memory (RSS) it may use. */
  readonly memory?: Size
  /** How many cores it may use on average from one probe to the next, such as 1.5. */
  readonly cpu?: number
}

/** PostgreSQL answers a query. Needs the package `pg`, which is to be installed beside supervise. */
export interface SqlCheckSpec extends CheckSpecCommon {
  readonly type: "sql"
  /** `postgres:` or `postgresql:`. */
  readonly url: string
  /** Default `select 1`. */
  readonly query?: string
}

/** A line of its output matched within that time. */
export interface LogCheckSpec extends CheckSpecCommon {
  readonly type: "log"
  readonly pattern: string
  readonly maxAge: Duration
}

/** What to ask once. */
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

/** When to ask, and what to make of the answers. */
export interface TimetableSpec {
  /** From the start of one check to the start of the next; never two at once. Default 10 seconds, as `ready` 500 millis. */
  readonly interval?: Duration
  /** From the start of the process to the first check (`health`: from when it is ready). Default 0 seconds. */
  readonly initialDelay?: Duration
  /** So many successes in a row make it well. Default 1. */
  readonly successThreshold?: number
  /** So many failures in a row make it unwell. Default 3. As `ready` a failure only means: not yet. */
  readonly failureThreshold?: number
  /** Of `health` only. `"restart"`: it has failed, and its supervisor acts (liveness). `"report"`: it is only shown (readiness). Default restart. */
  readonly onFailure?: OnFailure
}

/** What happens to a worker that is unwell; see `TimetableSpec`. */
export type OnFailure = "restart" | "report"

/** A check with its timetable. */
export type ProbeSpec = CheckSpec & TimetableSpec

/** What beats; see `HeartbeatSpec`. Of a check every success is a beat, and of a file every new timestamp. */
export type HeartbeatSourceSpec =
  | "fd"
  | { readonly type: "line"; readonly pattern: string }
  | Omit<FileCheckSpec, "maxAge">
  | HttpCheckSpec
  | TcpCheckSpec
  | UnixCheckSpec
  | ExecCheckSpec
  | SqlCheckSpec

/** It shows that it lives by a beat every so often; how long a silence is too long is learned from its beats (phi accrual). */
export interface HeartbeatSpec {
  /** How often it means to beat; a check is made as often. */
  readonly every: Duration
  /** Default `"fd"`: a newline on a descriptor of its own. `line`: a line on stdout matches. */
  readonly from?: HeartbeatSourceSpec
  /** How silences are taken to be distributed. Default hybrid. */
  readonly model?: HeartbeatModel
  /** From this phi on it is shown as suspect. Default 3. */
  readonly suspect?: number
  /** From this phi on it has failed. Default 8. */
  readonly convict?: number
  /** A pause of this length is nothing unusual, even if none was seen yet. Default 500 millis. */
  readonly grace?: Duration
  /** Longer silence is a failure whatever phi says. Default the longer of 30 seconds and 10 × `every`. */
  readonly hangAfter?: Duration
  /** How long the first beat may take from when it is ready. Default as `hangAfter`. */
  readonly startupGrace?: Duration
}

/** See `HeartbeatSpec`. */
export type HeartbeatModel = "hybrid" | "normal" | "exponential"

// ---------------------------------------------------------------- after decoding

/** What every decoded check has. */
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

/** What to ask once, decoded. */
export type Check = HttpCheck | TcpCheck | UnixCheck | ExecCheck | FileCheck | ProcessCheck | SqlCheck | LogCheck

/** See `TimetableSpec`. All times in milliseconds. */
export interface Timetable {
  readonly interval: number
  readonly initialDelay: number
  readonly successThreshold: number
  readonly failureThreshold: number
}

/** A probe that tells when a worker is ready. */
export type ReadyProbe = Check & Timetable
/** A probe that tells whether a worker is well. */
export type Probe = ReadyProbe & { readonly onFailure: OnFailure }

/** See `HeartbeatSourceSpec`. */
export type HeartbeatSource =
  | { readonly type: "fd" }
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
