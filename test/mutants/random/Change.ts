/** One token, or one small phrase, of a source file that is written differently. */
export interface Change {
  readonly kind: Kind
  readonly start: number
  readonly end: number
  /** What stands there instead. */
  readonly to: string
}

/** What sort of mistake it is. As many of each are drawn, so that rare ones are tried too. */
export type Kind =
  | "arguments"
  | "arithmetic"
  | "await"
  | "comparison"
  | "condition"
  | "constant"
  | "logic"
  | "method"
  | "negation"
  | "nullish"
  | "operand"
  | "property"
  | "statement"

/** A change with its place. */
export interface RandomMutant extends Change {
  /** Of what is written and changed: the same wherever the line stands in its file, and whatever the seed. */
  readonly id: string
  /** The folder of `src` in which the file is. */
  readonly room: string
  /** From the root of the project. */
  readonly file: string
  readonly line: number
  /** The whole lines that are touched, before and after, with single spaces: what stands in `equivalent.ts`. */
  readonly written: string
  readonly changed: string
}
