/** Everything that happens in a running tree, for observers. */
import type { News } from "../../core/Action.ts"
import type { Decision } from "../../core/Decision.ts"
import type { Exit } from "../../core/Exit.ts"
import type { LeafEvent } from "../../leaf/Spawner.ts"

/**
 * `seq` counts up by one: a gap shows a slow reader how much it has missed. `at`: milliseconds since 1970, only for
 * people.
 */
interface Stamp {
  readonly seq: number
  readonly at: number
}

type Reported = Extract<LeafEvent, { readonly _tag: "Line" | "Dropped" | "LeaderEnded" | "LogFailed" | "LogResumed" }>
type WithoutStamp<E> = E extends unknown ? Omit<E, "n" | "at"> : never

/**
 * News of the core, and what the leaves report beside it: lines of output, that a leader has ended before its group,
 * and that a log cannot be written.
 */
export type TreeEventBody = News | WithoutStamp<Reported>
export type TreeEvent = TreeEventBody & Stamp

/** `at`: milliseconds since 1970; the `at` of the decision itself is of the tree's clock. */
export interface Decided {
  readonly at: number
  readonly decision: Decision
}

/** How a tree ended. `booted` false: it never came up. */
export interface Ending {
  readonly booted: boolean
  readonly exit: Exit
}
