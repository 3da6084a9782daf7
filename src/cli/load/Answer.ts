/** The evaluator's answer to the loader: one line of JSON on descriptor `ANSWER_FD`. */
import type { Problem } from "../../tree/problems/problem.ts"
import type { Locations } from "./locations.ts"

export type Answer =
  /**
   * Plain data; the loader decides whether it is a tree. `locations`: on which lines its nodes are written, if that was
   * requested.
   */
  | { readonly _tag: "Exported"; readonly spec: unknown; readonly locations: Locations }
  | { readonly _tag: "NotPlain"; readonly problems: ReadonlyArray<Problem> }
  /** Completes "tree.ts is not a tree I can run: …". */
  | { readonly _tag: "Failed"; readonly because: string }

export const ANSWER_FD = 3
/** The exit code of an evaluator that could not write its answer. */
export const UNANSWERED = 113
/** The variable by which the processes of an evaluation are known, wherever they go. */
export const EVALUATION = "SUPERVISE_EVALUATION"
