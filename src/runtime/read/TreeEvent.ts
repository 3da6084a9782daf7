/** Everything that happens in a running tree, as its watchers see it. */
import type { News } from "../../core/Action.ts"
import type { Decision } from "../../core/Decision.ts"
import type { Exit } from "../../core/Exit.ts"
import type { LeafEvent } from "../../leaf/Spawner.ts"

/** `seq` counts up by one: a gap tells a slow watcher what it has missed. `at`: milliseconds since 1970, for people; never used to decide. */
interface Stamp {
  readonly seq: number
  readonly at: number
}

type LeafTold = Extract<LeafEvent, { readonly _tag: "Spawned" | "Line" | "Dropped" | "LeaderEnded" | "Blocked" }>
type WithoutNumber<E> = E extends unknown ? Omit<E, "n"> : never

/** News of the core, and what the leaves tell: their pids, their output, and when something is stuck. */
export type TreeEventBody = News | WithoutNumber<LeafTold>
export type TreeEvent = TreeEventBody & Stamp

/** A decision of the core. `at`: milliseconds since 1970, as of an event; the decision's own is of the tree's clock. */
export interface Decided {
  readonly at: number
  readonly decision: Decision
}

/** How a tree ended. `booted` false: it never came up. */
export interface Ending {
  readonly booted: boolean
  readonly exit: Exit
}
