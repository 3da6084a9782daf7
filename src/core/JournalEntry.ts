/** One event, when it was folded, and what the core made of it: enough to fold it again and compare. */
import type { Action } from "./Action.ts"
import type { Event } from "./Event.ts"

export interface JournalEntry {
  /** Milliseconds of the tree's clock. */
  readonly at: number
  readonly event: Event
  readonly actions: ReadonlyArray<Action>
}
