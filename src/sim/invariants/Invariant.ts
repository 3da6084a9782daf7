/** Something that must hold, whatever happens to whatever tree. */
import type { JournalEntry } from "../../core/Journal.ts"
import type { NodeSnapshot } from "../../core/Snapshot.ts"
import type { Tree } from "../../tree/Spec.ts"

export interface Invariant {
  readonly name: string
  /** Follows "it must hold that …". */
  readonly says: string
  /** Begins to watch one rehearsal. */
  readonly watch: (tree: Tree) => Watch
}

/** Answers with a sentence when it does not hold. */
export interface Watch {
  readonly folded?: (moment: JournalEntry) => string | undefined
  /** The faults are over, and whatever could still happen has happened. `left`: the paths at which a process runs. */
  readonly settled?: (tree: NodeSnapshot, left: ReadonlyArray<string>) => string | undefined
  /** The tree was told to stop, and has ended `afterMs` later, or never: infinity. `left`: the paths at which a process still runs. */
  readonly stopped?: (afterMs: number, left: ReadonlyArray<string>) => string | undefined
}

export interface Violation {
  readonly invariant: string
  /** Milliseconds from the beginning. */
  readonly at: number
  readonly sentence: string
}
