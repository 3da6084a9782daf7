/**
 * A life of a tree as lines of JSON: first the tree and its seed, then every moment, in order. The events are all that the core has ever
 * heard, so folding them again must give the same actions.
 */
import type { TreeSpec } from "../spec/Spec.ts"
import type { Moment } from "./Moment.ts"

export interface Recording {
  readonly tree: TreeSpec
  readonly seed: number
  readonly moments: ReadonlyArray<Moment>
}

/** The version of the format. */
export const RECORDING = 1

export const headLine = ({ tree, seed }: Pick<Recording, "tree" | "seed">): string => JSON.stringify({ recording: RECORDING, seed, tree })
export const momentLine = ({ at, event, actions }: Moment): string => JSON.stringify({ at, event, actions })
