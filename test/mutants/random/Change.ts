/** A change of one token, or of one small phrase, of a source file. */
export interface Change {
  readonly kind: Kind
  readonly start: number
  readonly end: number
  /** The replacement. */
  readonly to: string
}

/** The kind of mistake. The same number of each is drawn, so that rare ones are tried, too. */
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
  /** A digest of the original and the changed text: independent of the line number and the seed. */
  readonly id: string
  /** The folder of the file in `src`. */
  readonly room: string
  /** From the root of the project. */
  readonly file: string
  readonly line: number
  /** The changed lines, before and after, with single spaces, as in `equivalent.ts`. */
  readonly written: string
  readonly changed: string
}
