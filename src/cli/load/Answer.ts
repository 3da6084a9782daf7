/** The evaluator's answer to the loader: one line of JSON on descriptor `ANSWER_FD`. */
import type { Problem } from "../../tree/problems/problem.ts"

export type Answer =
  /**
   * Plain data; the loader decides whether it is a tree. `sites`: where nodes were constructed, by path, as far as
   * known.
   */
  | { readonly _tag: "Exported"; readonly spec: unknown; readonly sites: { readonly [path: string]: CallSite } }
  | { readonly _tag: "NotPlain"; readonly problems: ReadonlyArray<Problem> }
  /** Completes "tree.ts is not a tree I can run: …". */
  | { readonly _tag: "Failed"; readonly because: string }

/** Where a constructor was called: the absolute path of the file, line and column from 1. */
export interface CallSite {
  readonly file: string
  readonly line: number
  readonly column: number
}

export const ANSWER_FD = 3
