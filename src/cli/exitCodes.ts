/** What the process says when it ends. Numbers 64 to 76 are those of BSD's sysexits.h. */
import type { Exit } from "../core/Exit.ts"
import type { Ending } from "../runtime/read/TreeEvent.ts"

export const EXIT = {
  /** Stopped as asked, or by an auto-shutdown at the root. */
  ok: 0,
  /** An order that the tree does not allow at present. */
  refused: 1,
  usage: 64,
  badTree: 65,
  /** No tree runs there. */
  nothingRunning: 69,
  /** Our own fault. */
  internal: 70,
  /** The state directory belongs to another running tree. */
  alreadyRunning: 73,
  /** What was asked for, or the state directory, could not be written. */
  notWritten: 74,
  /** The root gave up, could not boot, or its children fell silent together. */
  gaveUp: 75,
  /** A tree runs there, and its supervisor does not answer. */
  notAnswering: 76,
  /** Stopped at once by a second Ctrl-C. */
  interrupted: 130
} as const

/** `forced`: the operator did not want to wait. */
export function exitCodeOf({ exit }: Ending, forced: boolean): number {
  if (forced) return EXIT.interrupted
  return hasFailed(exit) ? EXIT.gaveUp : EXIT.ok
}

/** The root has ended, and nobody wanted it to. */
export const hasFailed = ({ _tag }: Exit): boolean =>
  _tag === "GaveUp" || _tag === "AllFailed" || _tag === "BootFailed" || _tag === "CommonSilence"
