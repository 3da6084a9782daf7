/** What the evaluator says to the loader: one line of JSON on descriptor `ANSWER_FD`. */
import type { Problem } from "../../tree/problems/problem.ts"
import type { Places } from "./places.ts"

export type Answer =
  /**
   * Plain data; whether it is a tree is for the loader to say. `places`: in which lines its nodes stand, if that was
   * asked.
   */
  | { readonly _tag: "Exported"; readonly spec: unknown; readonly places: Places }
  | { readonly _tag: "NotPlain"; readonly problems: ReadonlyArray<Problem> }
  /** Completes "tree.ts is not a tree I can run: …". */
  | { readonly _tag: "Failed"; readonly because: string }

export const ANSWER_FD = 3
