/**
 * What a tree file imports: constructors that return plain data. They load no library, fill in no defaults and check
 * nothing; decoding does. Their parameters have plain types, so that the editor points at a misspelt key.
 */
import type { BackoffSpec, BreakerSpec } from "./Pacing.ts"
import type { ProbeSpec } from "./Probe.ts"
import type { FdSpec, LineSpec, NotifySpec, PoolSpec, SupervisorSpec, WorkerSpec } from "./Spec.ts"

/** A supervisor: an ordered list of children, and what to do when one of them fails. */
export const supervisor = (spec: Omit<SupervisorSpec, "type">): SupervisorSpec => ({ type: "supervisor", ...spec })

/** A worker: one operating-system process. */
export const worker = (spec: Omit<WorkerSpec, "type">): WorkerSpec => ({ type: "worker", ...spec })

/** A pool: `size` instances of one child, without order. (OTP: simple_one_for_one; Elixir: DynamicSupervisor) */
export const pool = (spec: Omit<PoolSpec, "type">): PoolSpec => ({ type: "pool", ...spec })

/** Ready when a line on stdout matches this regular expression. */
export const line = (pattern: string): LineSpec => ({ type: "line", pattern })

/** Ready when it writes a newline to this descriptor (default 3), whose number it also finds in `SUPERVISE_FD`. */
export const fd = (fd?: number): FdSpec => (fd === undefined ? { type: "fd" } : { type: "fd", fd })

/** Ready when it sends `READY=1` by sd_notify, to the socket in `NOTIFY_SOCKET`. Needs the keeper. */
export const notify = (): NotifySpec => ({ type: "notify" })

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
type Options<T extends BackoffSpec["type"]> = Without<Extract<BackoffSpec, { readonly type: T }>, "type">

/** The same delay every time. */
export const constant = (options: Options<"constant">): BackoffSpec => ({ type: "constant", ...options })

/** `initial`, then `step` more each time, up to `cap`. */
export const linear = (options: Options<"linear"> = {}): BackoffSpec => ({ type: "linear", ...options })

/** `initial`, then `factor` times as long each time, up to `cap`. */
export const exponential = (options: Options<"exponential"> = {}): BackoffSpec => ({ type: "exponential", ...options })

/** Longer with each failure, shorter with uptime; see `BackoffSpec`. */
export const adaptive = (options: Options<"adaptive"> = {}): BackoffSpec => ({ type: "adaptive", ...options })

/** Defers all children of a supervisor or pool when many of them fail together; see `BreakerSpec`. */
export const breaker = (options: BreakerSpec = {}): BreakerSpec => options

// ---------------------------------------------------------------- probes, for `ready` and `health`

type Kind<T extends ProbeSpec["type"]> = Extract<ProbeSpec, { readonly type: T }>
type Rest<T extends ProbeSpec["type"], K extends PropertyKey = never> = Without<Kind<T>, "type" | K>

/** Succeeds if a request to this URL is answered with a status from 200 to 399. */
export const http = (url: string, options: Rest<"http", "url"> = {}): Kind<"http"> => ({ type: "http", url, ...options })

/** Succeeds if a connection to this port is accepted, on 127.0.0.1 unless `host` is given. */
export const tcp = (port: number, options: Rest<"tcp", "port"> = {}): Kind<"tcp"> => ({ type: "tcp", port, ...options })

/** Succeeds if a connection to this unix socket is accepted and, with `expect`, the answer matches. */
export const unix = (path: string, options: Rest<"unix", "path"> = {}): Kind<"unix"> => ({ type: "unix", path, ...options })

/** Succeeds if this command, an argv array, ends with exit code 0. */
export const exec = (command: Kind<"exec">["command"], options: Rest<"exec", "command"> = {}): Kind<"exec"> => ({
  type: "exec",
  command,
  ...options
})

/** Succeeds if this file exists and, with `maxAge`, was written within that time. */
export const file = (path: string, options: Rest<"file", "path"> = {}): Kind<"file"> => ({ type: "file", path, ...options })

/**
 * Succeeds if the worker's process exists and is within the limits of `memory` and `cpu`. (The type is `process`; the
 * function is not, as that is a global of Node.)
 */
export const running = (options: Rest<"process"> = {}): Kind<"process"> => ({ type: "process", ...options })

/** Succeeds if PostgreSQL at this URL answers `select 1`. Needs the package `pg`. */
export const sql = (url: string, options: Rest<"sql", "url"> = {}): Kind<"sql"> => ({ type: "sql", url, ...options })

/** Succeeds if a line of the worker's output matched this regular expression within `maxAge`. */
export const log = (pattern: string, options: Rest<"log", "pattern">): Kind<"log"> => ({ type: "log", pattern, ...options })
