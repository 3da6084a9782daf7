/** What a cell of the table says of a node: as short as possible. */
import type { PendingOn } from "../../core/Decision.ts"
import type { Exit } from "../../core/Exit.ts"
import { idOf } from "../../core/Path.ts"
import type { Node } from "../../runtime/read/Control.ts"
import { sayElapsed } from "../../tree/duration.ts"
import { countdown } from "./countdown.ts"

/** What happens to it next, and when. */
export function sayNext({ phase, until, blocked, pendingOn }: Node, now: number): string {
  if (phase === "restarting") return "at once"
  if (phase === "pending") return pendingOn === undefined ? "" : sayPendingOn(pendingOn)
  if (until === undefined || blocked !== undefined) return ""
  if (phase === "failed") return `retry in ${countdown(until - now)}`
  return phase === "backoff" ? `in ${countdown(until - now)}` : `killed in ${sayElapsed(until - now)}`
}

const sayPendingOn = (by: PendingOn): string =>
  by._tag === "Need" ? `needs ${idOf(by.path)}` : by._tag === "Breaker" ? "breaker" : "its turn"

/** The short form of `sayExit` in `Sentence.ts`. */
export function sayShort(exit: Exit): string {
  switch (exit._tag) {
    case "Code":
      return exit.code === 0 ? "finished" : `exit ${exit.code}`
    case "Signal":
      return exit.outOfMemory === undefined ? exit.signal : "out of memory"
    case "Lost":
      return "lost"
    case "NotStarted":
      return exit.errno
    case "NotReady":
      return "not ready"
    case "Hung":
      return "hung"
    case "Unhealthy":
      return "unhealthy"
    case "AllFailed":
      return "all failed"
    case "CommonSilence":
      return "silent"
    case "Shutdown":
      return "shut down"
    case "Killed":
      return "killed"
    case "GaveUp":
      return "gave up"
    case "AutoShutdown":
      return "shut down"
    case "BootFailed":
      return "no boot"
  }
}
