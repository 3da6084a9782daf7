/** Compiles the patterns of a tree file that are matched against what a process writes. */
import { setFlagsFromString } from "node:v8"

/**
 * A pattern that backtracks without end would block the whole supervisor. With this flag V8 switches to an engine that
 * takes linear time after too many backtracks. It cannot do so for patterns with look-around or back references.
 */
const LINEAR_TIME_FLAG = "--enable-experimental-regexp-engine-on-excessive-backtracks"

/** How much of a line is matched, in bytes or characters: the time a pattern takes may grow fast with the length. */
export const MATCH_LIMIT = 4 * 1024

/** Throws if the text is not a regular expression. */
export function compile(pattern: string): RegExp {
  setFlagsFromString(LINEAR_TIME_FLAG)
  return new RegExp(pattern)
}
