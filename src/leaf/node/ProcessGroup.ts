/**
 * Finds out whether a process group still has living members after its leader has ended or does not die.
 *
 * Node waits for the leader only. The other members have other parents, so we are not notified of their end and have to
 * check: first with kill(−pgid, 0), which costs one system call and usually says that all are gone. It also counts
 * zombies, so only then in /proc. However many groups wait, one timer and one scan of /proc serve them all.
 */
import { existsSync, readdirSync } from "node:fs"
import type { Kill } from "../os/kill.ts"
import { readStat } from "../os/proc.ts"

/** The first check comes after FIRST_CHECK_MS; the interval then doubles up to LONGEST_CHECK_MS. */
const FIRST_CHECK_MS = 5
const LONGEST_CHECK_MS = 100
/** How often we check a group that cannot be killed. */
const SLOW_CHECK_MS = 1_000
/**
 * After a scan of /proc the next one waits for this many times the CPU time it took, so that scanning takes at most a
 * tenth of a core. Not of its duration: on a busy machine most of that is waiting for a core.
 */
const REST_FACTOR = 9

export interface PendingStop {
  /** The leader's pid, which is also the number of the group. */
  readonly pid: number
  /** Has the leader been waited for? Then its pid may be reused as soon as the group has no member. */
  readonly hasLeaderEnded: () => boolean
  readonly onGone: () => void
  /**
   * Called with its living members, or an empty list if they cannot be known. Returns true if the next check may wait.
   */
  readonly onAlive: (pids: ReadonlyArray<number>) => boolean
}

interface Watched {
  readonly group: PendingStop
  pids: ReadonlyArray<number>
  /** How many scans in a row found no living member. */
  emptyScans: number
  slow: boolean
  notBefore: number
}

/** A member may fork while /proc is read, and the parent end before we reach it: one empty scan is no proof. */
const EMPTY_SCANS = 2

export class ProcessGroups {
  private readonly watched = new Map<number, Watched>()
  private readonly leaders = new Set<number>()
  private readonly kill: Kill
  private readonly proc: string
  private readonly hasProc: boolean
  private timer: NodeJS.Timeout | undefined = undefined
  private interval = FIRST_CHECK_MS
  /** There is no scan before. */
  private restUntil = 0
  private readonly cpuMs: () => number

  /** `cpuMs`: the CPU time that this thread has used. */
  constructor(kill: Kill, proc: string, cpuMs = threadCpuMs) {
    this.kill = kill
    this.proc = proc
    this.cpuMs = cpuMs
    this.hasProc = existsSync(`${proc}/self/stat`)
  }

  /**
   * A leaf runs. A living leader is in no group but its own, so scans skip it. Returns its start time, 0 if unknown.
   */
  leaderStarted(pid: number): number {
    this.leaders.add(pid)
    const stat = readStat(pid, this.proc)
    return typeof stat === "string" ? 0 : stat.startTime
  }

  /** The leader has been waited for. */
  leaderEnded(pid: number): void {
    this.leaders.delete(pid)
  }

  /** Does the group have a member, dead or alive? */
  exists(group: Pick<PendingStop, "pid" | "hasLeaderEnded">): boolean {
    const { pid } = group
    if (this.kill(pid, "group", 0) === "gone") return false
    // The kernel reuses a number only when no process and no group has it. So a process with this pid is a stranger,
    // and so is its group.
    return !(group.hasLeaderEnded() && this.hasProc && existsSync(`${this.proc}/${pid}`))
  }

  /** Checks until the group is gone or forgotten. */
  watch(group: PendingStop): void {
    if (this.watched.has(group.pid)) return
    this.watched.set(group.pid, { group, pids: [], emptyScans: 0, slow: false, notBefore: 0 })
    this.interval = FIRST_CHECK_MS
    this.arm()
  }

  forget(pid: number): void {
    this.watched.delete(pid)
    if (this.watched.size === 0) clearTimeout(this.timer)
  }

  private arm(): void {
    clearTimeout(this.timer)
    if (this.watched.size === 0) return
    const now = performance.now()
    let earliest = Number.POSITIVE_INFINITY
    for (const { notBefore } of this.watched.values()) earliest = Math.min(earliest, notBefore)
    this.timer = setTimeout(() => this.check(), Math.max(this.interval, earliest - now))
  }

  private check(): void {
    const now = performance.now()
    const due = [...this.watched.values()].filter(({ notBefore }) => notBefore <= now)
    this.interval = Math.min(2 * this.interval, LONGEST_CHECK_MS)
    const uncertain: Array<Watched> = []
    for (const watched of due) {
      if (!this.exists(watched.group)) this.gone(watched)
      else if (!this.hasProc || this.hasKnownMember(watched)) this.alive(watched, watched.pids)
      else uncertain.push(watched)
    }
    if (uncertain.length > 0 && now >= this.restUntil) this.scan(uncertain)
    this.arm()
  }

  /** Is a member that we saw before still alive? Then the others only matter if they are to be named. */
  private hasKnownMember({ group, pids, slow }: Watched): boolean {
    if (slow) return false
    return pids.some((pid) => {
      const stat = readStat(pid, this.proc)
      return stat === "unknown" || (stat !== "missing" && stat.alive && stat.group === group.pid)
    })
  }

  private scan(uncertain: ReadonlyArray<Watched>): void {
    const before = this.cpuMs()
    const members = this.members()
    this.restUntil = performance.now() + REST_FACTOR * (this.cpuMs() - before)
    for (const watched of uncertain) {
      const pids = members === undefined ? watched.pids : (members.get(watched.group.pid) ?? [])
      if (members === undefined || pids.length > 0) this.alive(watched, pids)
      else if (++watched.emptyScans >= EMPTY_SCANS) this.gone(watched)
    }
  }

  /** The living members of all watched groups; undefined if /proc cannot be read now. */
  private members(): Map<number, Array<number>> | undefined {
    const members = new Map<number, Array<number>>()
    let names: ReadonlyArray<string>
    try {
      names = readdirSync(this.proc)
    } catch {
      return undefined
    }
    for (const name of names) {
      const pid = Number(name)
      if (Number.isNaN(pid) || (this.leaders.has(pid) && !this.watched.has(pid))) continue
      const stat = readStat(name, this.proc)
      if (stat === "unknown") return undefined
      if (stat === "missing" || !stat.alive || !this.watched.has(stat.group)) continue
      const pids = members.get(stat.group)
      if (pids === undefined) members.set(stat.group, [pid])
      else pids.push(pid)
    }
    return members
  }

  private gone(watched: Watched): void {
    const { pid } = watched.group
    if (this.watched.get(pid) !== watched) return
    this.forget(pid)
    watched.group.onGone()
  }

  private alive(watched: Watched, pids: ReadonlyArray<number>): void {
    if (this.watched.get(watched.group.pid) !== watched) return
    watched.pids = pids
    watched.emptyScans = 0
    watched.slow = watched.group.onAlive(pids)
    watched.notBefore = watched.slow ? performance.now() + SLOW_CHECK_MS : 0
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
