/** Patterns of the tree file, to be tried on what a process says. */
import { setFlagsFromString } from "node:v8"

/**
 * A pattern that runs away on a line would stop the whole supervisor: after too many backtracks V8 goes on with an engine that takes linear
 * time. It cannot do so for patterns with look-around or back references.
 */
const LINEAR_WHERE_NEEDED = "--enable-experimental-regexp-engine-on-excessive-backtracks"

/** So much of a line is tried, in bytes or characters; the time a pattern takes may grow fast with the length. */
export const MATCH_LIMIT = 4 * 1024

/** Throws where it is no pattern. */
export function compile(pattern: string): RegExp {
  setFlagsFromString(LINEAR_WHERE_NEEDED)
  return new RegExp(pattern)
}
