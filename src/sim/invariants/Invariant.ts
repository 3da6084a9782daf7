/** Something that must hold in every rehearsal of every tree. */
import type { JournalEntry } from "../../core/Journal.ts"
import type { NodeSnapshot } from "../../core/Snapshot.ts"
import type { Tree } from "../../tree/Spec.ts"

export interface Invariant {
  readonly name: string
  /** Completes "it must hold that …". */
  readonly says: string
  /** Starts watching one rehearsal. */
  readonly watch: (tree: Tree) => Watch
}

/** Each callback returns a sentence when the invariant does not hold. */
export interface Watch {
  readonly folded?: (entry: JournalEntry) => string | undefined
  /** Called when the faults are over and nothing more can happen. `left`: the paths at which a process runs. */
  readonly settled?: (tree: NodeSnapshot, left: ReadonlyArray<string>) => string | undefined
  /**
   * Called after the tree was told to stop. `afterMs`: how long it took, or infinity. `left`: the paths at which a
   * process still runs.
   */
  readonly stopped?: (afterMs: number, left: ReadonlyArray<string>) => string | undefined
}

export interface Violation {
  readonly invariant: string
  /** Milliseconds from the start. */
  readonly at: number
  readonly sentence: string
}
