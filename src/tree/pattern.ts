/**
 * The patterns of a tree file, matched against what processes write. They are JavaScript's regular expressions without
 * look-around and back references, so that the time they take grows with the length of the text and nothing worse: one
 * line must not stop the supervisor. (R. Cox, "Regular Expression Matching Can Be Simple And Fast"; the engine is RE2.)
 */
import { createRequire } from "node:module"
import type { RE2JS, RE2JSSyntaxException } from "re2js"

export interface Pattern {
  /** Is there a match anywhere in the text? */
  readonly test: (text: string) => boolean
}

/** How much of a text is matched, in bytes or characters. */
export const MATCH_LIMIT = 4 * 1024

/** Steps per character, at most: 256 take some 40 ms for a text of the longest length, in the worst case. */
const LARGEST_PROGRAM = 256

/** Throws an error with what is wrong, such as "missing closing )". */
export function compile(pattern: string): Pattern {
  // RE2 would take it for the letter k.
  if (/(?<!\\)(?:\\\\)*\\k</.test(pattern)) throw new Error(NO_BACK_REFERENCE)
  const { RE2JS } = engine()
  let program: RE2JS
  try {
    program = RE2JS.compile(RE2JS.translateRegExp(pattern))
  } catch (error) {
    throw new Error(describe(error as RE2JSSyntaxException))
  }
  if (program.programSize() > LARGEST_PROGRAM) throw new Error("its repetitions make it too large to be matched quickly")
  return program
}

/** Undefined if it can be matched. */
export function whyInvalid(pattern: string): string | undefined {
  try {
    compile(pattern)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Loaded with the first pattern: most trees have none, and it takes 10 ms. */
function engine(): typeof import("re2js") {
  return createRequire(import.meta.url)("re2js")
}

const NO_BACK_REFERENCE = "back references are not supported, as their time has no bound"

function describe({ message }: Error): string {
  if (/`\(\?<?[=!]/.test(message)) return "look-around is not supported, as its time has no bound"
  return /`\\[1-9]/.test(message) ? NO_BACK_REFERENCE : message.replace(/^error parsing regexp: /, "").replace(/: `(.*)`$/s, ", at $1")
}
