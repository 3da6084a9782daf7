/** What the evaluator says to the loader: one line of JSON on descriptor `ANSWER_FD`. */
import type { Problem } from "../../tree/problems/problem.ts"

export type Answer =
  /** Plain data; whether it is a tree is for the loader to say. `sites`: where its nodes were made, by path, as far as that is known. */
  | { readonly _tag: "Exported"; readonly spec: unknown; readonly sites: { readonly [path: string]: CallSite } }
  | { readonly _tag: "NotPlain"; readonly problems: ReadonlyArray<Problem> }
  /** Completes "tree.ts is not a tree I can run: …". */
  | { readonly _tag: "Failed"; readonly because: string }

/** Where a constructor was called: the file, absolute, and the place in it, both counted from 1. */
export interface CallSite {
  readonly file: string
  readonly line: number
  readonly column: number
}

export const ANSWER_FD = 3
