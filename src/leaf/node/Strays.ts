/**
 * Processes that have left the group of their leaf: daemons, what `setsid` starts, what a check has left behind. They
 * are known by what they have inherited: the path, the incarnation and the supervisor in their environment. They end
 * with their leaf; nothing is found where there is no /proc, or of a process that has cleared its environment.
 */
import type { Signal } from "../../tree/Spec.ts"
import type { Kill } from "../os/kill.ts"
import { allProcesses, environmentOf, readStat } from "../os/proc.ts"
import { after } from "../os/timer.ts"

/** What the processes of one incarnation have in their environment. */
export interface Mark {
  readonly path: string
  readonly incarnation: number
  readonly supervisor: string
}

interface Process {
  readonly pid: number
  /** Together with the pid it identifies the process: pids come round again. */
  readonly startTime: number
}

interface Marked {
  readonly key: string
  readonly startTime: number
}

/** How they are to end. */
interface Ending {
  readonly signal: Signal
  /** How long they may take before SIGKILL, in milliseconds. */
  readonly withinMs: number
}

/** How often we look whether they have ended. */
const CHECK_MS = 20
/** How long a process may take to die of SIGKILL before we no longer wait for it. */
const BLOCKED_AFTER_MS = 5_000

export class Strays {
  private readonly kill: Kill
  private readonly proc: string
  /** The processes that were looked at, by pid; of those with a mark, which it is. An environment does not change. */
  private readonly seen = new Map<number, Marked | undefined>()
  private isFresh = false

  constructor(kill: Kill, proc: string) {
    this.kill = kill
    this.proc = proc
  }

  /** Ends them, and what they start meanwhile; then calls `done` with the pids of those that there were at first. */
  end(mark: Mark, { signal, withinMs }: Ending, done: (pids: ReadonlyArray<number>) => void): void {
    const killAt = performance.now() + withinMs
    const asked = new Set<string>()
    const pids = this.of(mark).map(({ pid }) => pid)
    const check = (): void => {
      const living = this.of(mark)
      const isLate = performance.now() >= killAt
      if (living.length === 0 || performance.now() > killAt + BLOCKED_AFTER_MS) return done(pids)
      for (const { pid, startTime } of living) {
        if (isLate) this.kill(pid, "leader", "SIGKILL")
        else if (!asked.has(`${pid} ${startTime}`)) {
          this.kill(pid, "leader", signal)
          this.kill(pid, "leader", "SIGCONT") // one that is stopped could not end
        }
        asked.add(`${pid} ${startTime}`)
      }
      after(CHECK_MS, check)
    }
    check()
  }

  /** Kills them now, when we end ourselves. */
  killNow(mark: Mark): void {
    for (const { pid } of this.of(mark)) this.kill(pid, "leader", "SIGKILL")
  }

  /** The living processes with this mark. */
  private of(mark: Mark): ReadonlyArray<Process> {
    this.look()
    const wanted = keyOf(mark)
    return [...this.seen].flatMap(([pid, found]) => {
      if (found?.key !== wanted) return []
      const stat = readStat(pid, this.proc)
      if (typeof stat === "string" || !stat.alive || stat.startTime !== found.startTime) return []
      return [{ pid, startTime: stat.startTime }]
    })
  }

  /** Once in each turn of the event loop, however many leaves end in it; and only new processes are looked at. */
  private look(): void {
    if (this.isFresh) return
    this.isFresh = true
    setImmediate(() => {
      this.isFresh = false
    })
    const pids = new Set(allProcesses(this.proc))
    for (const pid of this.seen.keys()) if (!pids.has(pid)) this.seen.delete(pid)
    for (const pid of pids) if (!this.seen.has(pid) && pid !== process.pid) this.seen.set(pid, this.markedOf(pid))
  }

  private markedOf(pid: number): Marked | undefined {
    const key = markOf(environmentOf(pid, this.proc))
    if (key === undefined) return undefined
    const stat = readStat(pid, this.proc)
    return typeof stat === "string" ? undefined : { key, startTime: stat.startTime }
  }
}

const keyOf = ({ path, incarnation, supervisor }: Mark): string => `${path} ${incarnation} ${supervisor}`

function markOf(environment: ReadonlyMap<string, string>): string | undefined {
  const path = environment.get("SUPERVISE_PATH")
  const supervisor = environment.get("SUPERVISE_SUPERVISOR")
  if (path === undefined || supervisor === undefined) return undefined
  return keyOf({ path, incarnation: Number(environment.get("SUPERVISE_INCARNATION")), supervisor })
}
