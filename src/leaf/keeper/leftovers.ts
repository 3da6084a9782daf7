/**
 * What the guard of a keeper should have ended, and has not if it was killed as well. There is usually nothing to do.
 */
import { kill } from "../os/kill.ts"
import { readStat } from "../os/proc.ts"

interface Leader {
  /** 0 if it never ran. */
  readonly pid: number
  readonly startTime: number
}

/** How often we look whether they have ended. */
const CHECK_MS = 20

/** Kills the groups of the leaders that still run. Calls `ended` once, when none of them is alive. */
export function endLeftovers(leaders: ReadonlyArray<Leader>, ended: () => void): void {
  const left = leaders.filter(isAlive)
  if (left.length === 0) return ended()
  for (const { pid } of left) kill(pid, "group", "SIGKILL")
  setTimeout(() => endLeftovers(left, ended), CHECK_MS)
}

/** A pid may be another's by now: its start time says which it is. */
function isAlive({ pid, startTime }: Leader): boolean {
  if (pid === 0) return false
  const stat = readStat(pid)
  return typeof stat !== "string" && stat.alive && stat.startTime === startTime
}
