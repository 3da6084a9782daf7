/**
 * The processes that were looked at, by pid alone. A pid may have become another process's since, and to ask each for
 * its start time would cost as much as to look at all of them again. But the kernel gives pids out in a circle, and
 * says which was the last, so only those since the look before are new.
 */
import { readProc } from "./proc.ts"

/** In a longer time the pids may have gone round once more than it seems. */
const TRUSTED_MS = 10_000

export class PidsInUse {
  private readonly proc: string
  private readonly pids = new Set<number>()
  /** The last pid that was given out at the look before, and now; undefined if unknown. */
  private from: number | undefined = undefined
  private to: number | undefined = undefined
  private begunAt = Number.NEGATIVE_INFINITY

  constructor(proc: string) {
    this.proc = proc
  }

  /** A look begins: before the processes are listed, so that one that starts meanwhile is new at the next. */
  begin(): void {
    const now = performance.now()
    this.from = now - this.begunAt > TRUSTED_MS ? undefined : this.to
    this.begunAt = now
    this.to = lastPid(this.proc)
  }

  /** Forgets those that are gone or may be others, and answers which. */
  retain(present: ReadonlySet<number>): ReadonlyArray<number> {
    const gone = [...this.pids].filter((pid) => !present.has(pid) || this.mayBeAnother(pid))
    for (const pid of gone) this.pids.delete(pid)
    return gone
  }

  has(pid: number): boolean {
    return this.pids.has(pid)
  }

  add(pid: number): void {
    this.pids.add(pid)
  }

  private mayBeAnother(pid: number): boolean {
    const { from, to } = this
    if (from === undefined || to === undefined) return true
    return from <= to ? pid > from && pid <= to : pid > from || pid <= to
  }
}

/** The fifth field of /proc/loadavg: the pid that was given out last. */
function lastPid(proc: string): number | undefined {
  const pid = Number(readProc(`${proc}/loadavg`).split(" ")[4])
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
}
