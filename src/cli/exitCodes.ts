/** Exit codes. 64 to 76 are from BSD's sysexits.h. */
import type { Exit } from "../core/Exit.ts"
import type { Ending } from "../runtime/read/TreeEvent.ts"

export const EXIT = {
  /** Stopped as asked, or by an auto-shutdown at the root. */
  ok: 0,
  /** The tree does not allow the request at present. */
  refused: 1,
  usage: 64,
  badTree: 65,
  /** No tree runs there. */
  notRunning: 69,
  /** A bug in supervise. */
  internal: 70,
  /** The state directory belongs to another running tree. */
  alreadyRunning: 73,
  /** The output, or the state directory, could not be written. */
  notWritten: 74,
  /** The root gave up, failed to boot, or its children fell silent together. */
  gaveUp: 75,
  /** A tree runs there, but its supervisor does not answer. */
  unresponsive: 76,
  /** Stopped at once by a second Ctrl-C. */
  interrupted: 130
} as const

/** `forced`: the operator pressed Ctrl-C a second time. */
export function exitCodeOf({ exit }: Ending, forced: boolean): number {
  if (forced) return EXIT.interrupted
  return hasFailed(exit) ? EXIT.gaveUp : EXIT.ok
}

/** Whether the root ended although it should not have. */
export const hasFailed = ({ _tag }: Exit): boolean =>
  _tag === "GaveUp" || _tag === "AllFailed" || _tag === "BootFailed" || _tag === "CommonSilence"
