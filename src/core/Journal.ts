/**
 * The events of a tree as lines of JSON: first the tree and its seed, then one entry per event, in order. The core sees
 * nothing else, so folding the events again gives the same actions.
 */
import type { TreeSpec } from "../tree/Spec.ts"
import type { Action } from "./Action.ts"
import type { Event } from "./Event.ts"

/** One event, when it was folded, and the actions it led to. */
export interface JournalEntry {
  /** Milliseconds of the tree's clock. */
  readonly at: number
  readonly event: Event
  readonly actions: ReadonlyArray<Action>
}

export interface Journal {
  readonly tree: TreeSpec
  readonly seed: number
  readonly entries: ReadonlyArray<JournalEntry>
}

/** The version of the format. */
export const JOURNAL_VERSION = 1

export const headerLine = ({ tree, seed }: Pick<Journal, "tree" | "seed">): string =>
  JSON.stringify({ journal: JOURNAL_VERSION, seed, tree })
export const entryLine = ({ at, event, actions }: JournalEntry): string => JSON.stringify({ at, event, actions })
