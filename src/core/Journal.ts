/**
 * A life of a tree as lines of JSON: first the tree and its seed, then every moment, in order. The events are all that the core has ever
 * heard, so folding them again must give the same actions.
 */
import type { TreeSpec } from "../tree/Spec.ts"
import type { JournalEntry } from "./JournalEntry.ts"

export interface Journal {
  readonly tree: TreeSpec
  readonly seed: number
  readonly entries: ReadonlyArray<JournalEntry>
}

/** The version of the format. */
export const JOURNAL_VERSION = 1

export const headLine = ({ tree, seed }: Pick<Journal, "tree" | "seed">): string => JSON.stringify({ recording: JOURNAL_VERSION, seed, tree })
export const entryLine = ({ at, event, actions }: JournalEntry): string => JSON.stringify({ at, event, actions })
