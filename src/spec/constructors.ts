/**
 * What a tree file imports: constructors that return plain data, and nothing else. They load no library, fill in no default and check
 * nothing; `decode` does. The parameters have plain types, so that the editor points at a misspelt key.
 */
import type { BackoffSpec, PoolSpec, ReadySpec, SupervisorSpec, WorkerSpec } from "./Spec.ts"

/** A supervisor: an ordered list of children, and what to do when one of them fails. */
export const supervisor = (spec: Omit<SupervisorSpec, "type">): SupervisorSpec => ({ type: "supervisor", ...spec })

/** A worker: one operating-system process. */
export const worker = (spec: Omit<WorkerSpec, "type">): WorkerSpec => ({ type: "worker", ...spec })

/** A pool: `size` instances of one child, without order. (OTP: simple_one_for_one; Elixir: DynamicSupervisor) */
export const pool = (spec: Omit<PoolSpec, "type">): PoolSpec => ({ type: "pool", ...spec })

/** Ready when a line on stdout matches this regular expression. */
export const line = (pattern: string): ReadySpec => ({ type: "line", pattern })

/** Ready when it writes a newline to this descriptor (default 3), which it also finds in `SUPERVISE_FD`. */
export const fd = (fd?: number): ReadySpec => (fd === undefined ? { type: "fd" } : { type: "fd", fd })

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
type Options<T extends BackoffSpec["type"]> = Without<Extract<BackoffSpec, { readonly type: T }>, "type">

/** The same delay every time. */
export const constant = (options: Options<"constant">): BackoffSpec => ({ type: "constant", ...options })

/** `initial`, then `step` more each time, up to `cap`. */
export const linear = (options: Options<"linear"> = {}): BackoffSpec => ({ type: "linear", ...options })

/** `initial`, then `factor` times as long each time, up to `cap`. */
export const exponential = (options: Options<"exponential"> = {}): BackoffSpec => ({ type: "exponential", ...options })
