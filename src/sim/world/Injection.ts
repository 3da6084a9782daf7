/**
 * Faults, as plain data: each can be left out without moving another. Times are milliseconds from the start; a fault
 * without `at` comes at a time that the seed decides.
 */
import { millis, type Time } from "../Time.ts"

interface Fault {
  /** When it comes, in milliseconds. */
  readonly at?: number
}

export type Injection =
  /** What runs there is killed. */
  | (Fault & { readonly type: "kill"; readonly path: string })
  /** What runs there hangs: it does nothing, does not exit, and ignores the stop signal. */
  | (Fault & { readonly type: "hang"; readonly path: string })
  /** What runs there does nothing for this long and then goes on; it may be convicted meanwhile. */
  | (Fault & { readonly type: "pause"; readonly path: string; readonly forMs: number })
  /** What it depends on is gone: what runs there exits, and every start fails. */
  | (Fault & { readonly type: "outage"; readonly path: string; readonly forMs: number })
  /** The operating system starts nothing there; what already runs goes on. */
  | (Fault & { readonly type: "spawnErrors"; readonly path: string; readonly forMs: number })
  /** The end of a fault rather than one: the program there has changed, so a waiting child is started at once. */
  | (Fault & { readonly type: "hint"; readonly path: string })
  /** Each child there goes away and comes back, in two random orders. */
  | (Fault & { readonly type: "swizzle"; readonly path: string; readonly forMs: number })
  /** The supervisor does not run: it learns what happens meanwhile late, and all at once. */
  | (Fault & { readonly type: "stall"; readonly forMs: number })
  /** Nothing runs, as when a container or a virtual machine is paused: afterwards only the clock has moved on. */
  | (Fault & { readonly type: "suspend"; readonly forMs: number })
  /** The clock jumps by this much, which it promises never to do. */
  | (Fault & { readonly type: "clockJump"; readonly byMs: number })

/** An injection whose time is known. */
export type ScheduledInjection = Injection & { readonly at: number }

interface When {
  /** Default: a time that the seed decides. */
  readonly at?: Time
}
interface Span extends When {
  /** How long it lasts. */
  readonly for: Time
}

const when = ({ at }: When): Fault => (at === undefined ? {} : { at: millis(at, "the time of a fault") })
const span = (what: Span) => ({ ...when(what), forMs: millis(what.for, "the length of a fault") })

export const faults = {
  kill: (path: string, at: When = {}): Injection => ({ type: "kill", path, ...when(at) }),
  hang: (path: string, at: When = {}): Injection => ({ type: "hang", path, ...when(at) }),
  hint: (path: string, at: When = {}): Injection => ({ type: "hint", path, ...when(at) }),
  pause: (path: string, how: Span): Injection => ({ type: "pause", path, ...span(how) }),
  outage: (path: string, how: Span): Injection => ({ type: "outage", path, ...span(how) }),
  spawnErrors: (path: string, how: Span): Injection => ({ type: "spawnErrors", path, ...span(how) }),
  swizzle: (path: string, how: Span): Injection => ({ type: "swizzle", path, ...span(how) }),
  stall: (how: Span): Injection => ({ type: "stall", ...span(how) }),
  suspend: (how: Span): Injection => ({ type: "suspend", ...span(how) }),
  /** Negative `byMs`: backwards. In milliseconds. */
  clockJump: ({ byMs, ...at }: When & { readonly byMs: number }): Injection => ({ type: "clockJump", ...when(at), byMs })
} as const
