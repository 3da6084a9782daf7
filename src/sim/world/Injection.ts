/**
 * Faults that are put in on purpose, as plain data: each can be left out without a shift in any other. Times are milliseconds from the
 * beginning; a fault without `at` comes at a moment that the seed decides.
 */
import { millis, type Time } from "../Time.ts"

interface Fault {
  /** When it comes. */
  readonly at?: number
}

export type Injection =
  /** What runs there then is killed. */
  | (Fault & { readonly type: "kill"; readonly path: string })
  /** What runs there then hangs: it does nothing any more, does not end, and does not hear the stop signal. */
  | (Fault & { readonly type: "hang"; readonly path: string })
  /** What runs there does nothing for so long, and then goes on; whoever looks after it may take it for dead. */
  | (Fault & { readonly type: "pause"; readonly path: string; readonly forMs: number })
  /** What it stands on is gone: what runs there is killed, and each start fails. */
  | (Fault & { readonly type: "outage"; readonly path: string; readonly forMs: number })
  /** The operating system starts nothing there; what runs goes on. */
  | (Fault & { readonly type: "spawnErrors"; readonly path: string; readonly forMs: number })
  /** No fault, but the end of one: what it is made of has changed, such as its program. Whoever waits there need not wait any longer. */
  | (Fault & { readonly type: "hint"; readonly path: string })
  /** Outages that begin one after the other, in an order that the seed decides, and end in another one. */
  | (Fault & { readonly type: "swizzle"; readonly path: string; readonly forMs: number })
  /** The supervisor does not get to run: what happens meanwhile it hears late, and all at once. */
  | (Fault & { readonly type: "stall"; readonly forMs: number })
  /** Nothing gets to run, as when a container or a virtual machine is paused: afterwards the clock has moved on, and nothing else. */
  | (Fault & { readonly type: "suspend"; readonly forMs: number })
  /** The clock breaks its promise, and is so much further, or back, at once. */
  | (Fault & { readonly type: "clockJump"; readonly byMs: number })

/** An injection whose moment is known. */
export type Dated = Injection & { readonly at: number }

interface When {
  /** Default: a moment that the seed decides. */
  readonly at?: Time
}
interface Spell extends When {
  /** How long it lasts. */
  readonly for: Time
}

const when = ({ at }: When): Fault => (at === undefined ? {} : { at: millis(at, "the moment of a fault") })
const spell = (what: Spell) => ({ ...when(what), forMs: millis(what.for, "the length of a fault") })

export const faults = {
  kill: (path: string, at: When = {}): Injection => ({ type: "kill", path, ...when(at) }),
  hang: (path: string, at: When = {}): Injection => ({ type: "hang", path, ...when(at) }),
  hint: (path: string, at: When = {}): Injection => ({ type: "hint", path, ...when(at) }),
  pause: (path: string, how: Spell): Injection => ({ type: "pause", path, ...spell(how) }),
  outage: (path: string, how: Spell): Injection => ({ type: "outage", path, ...spell(how) }),
  spawnErrors: (path: string, how: Spell): Injection => ({ type: "spawnErrors", path, ...spell(how) }),
  swizzle: (path: string, how: Spell): Injection => ({ type: "swizzle", path, ...spell(how) }),
  stall: (how: Spell): Injection => ({ type: "stall", ...spell(how) }),
  suspend: (how: Spell): Injection => ({ type: "suspend", ...spell(how) }),
  /** `byMs` below zero: back. */
  clockJump: ({ byMs, ...at }: When & { readonly byMs: number }): Injection => ({ type: "clockJump", ...when(at), byMs })
} as const
