/**
 * Who is alive in a process group whose leader has ended, or does not die.
 *
 * Node waits for the leader only. The rest of a group has other parents, so nobody tells us of its end and we have to look: first with
 * kill(−pgid, 0), which costs a system call and usually says that all are gone; only then, because that also counts zombies, in /proc.
 * However many groups wait, there is one timer and one look at /proc for all of them.
 */
import { existsSync, readdirSync } from "node:fs"
import type { Kill } from "../os/kill.ts"
import { readStat } from "../os/proc.ts"

/** The first look comes so soon, the next ones after twice the time each, up to the longest; in milliseconds. */
const FIRST_LOOK_MS = 5
const LONGEST_LOOK_MS = 100
/** How often we look at a group that cannot be killed. */
const SLOW_LOOK_MS = 1_000
/** A look at /proc is followed by a rest of so many times what it took, so that looking never takes more than a tenth of our time. */
const REST_FACTOR = 9

export interface PendingStop {
  /** The leader's pid, which is the group's number. */
  readonly pid: number
  /** Has the leader been waited for? Then its number may be given to another process, as soon as the group has no member. */
  readonly leaderEnded: () => boolean
  readonly gone: () => void
  /** Its living members: empty where they cannot be known. Answers true when there is no hurry to look again. */
  readonly alive: (pids: ReadonlyArray<number>) => boolean
}

interface Watched {
  readonly waiting: PendingStop
  pids: ReadonlyArray<number>
  /** So many looks in a row saw no living member. */
  empty: number
  slow: boolean
  notBefore: number
}

/** A member may be born behind our back while /proc is read, and its parent die before us: once is no proof. */
const EMPTY_LOOKS = 2

export class ProcessGroups {
  private readonly watched = new Map<number, Watched>()
  private readonly leaders = new Set<number>()
  private readonly kill: Kill
  private readonly proc: string
  private readonly hasProc: boolean
  private timer: NodeJS.Timeout | undefined = undefined
  private interval = FIRST_LOOK_MS
  private restUntil = 0

  constructor(kill: Kill, proc: string) {
    this.kill = kill
    this.proc = proc
    this.hasProc = existsSync(`${proc}/self/stat`)
  }

  /** A leaf runs. Living leaders lead nobody's group but their own, so the look at /proc passes over them. Answers its start time. */
  born(pid: number): number {
    this.leaders.add(pid)
    const stat = readStat(pid, this.proc)
    return typeof stat === "string" ? 0 : stat.startTime
  }

  /** Its leader has been waited for. */
  died(pid: number): void {
    this.leaders.delete(pid)
  }

  /** Is there a member, dead or alive? */
  exists(waiting: Pick<PendingStop, "pid" | "leaderEnded">): boolean {
    const { pid } = waiting
    if (this.kill(pid, "group", 0) === "gone") return false
    // A number is given out anew only when no process and no group has it: a process of this number is a stranger, and so is its group.
    return !(waiting.leaderEnded() && this.hasProc && existsSync(`${this.proc}/${pid}`))
  }

  /** Looks until the group is gone or forgotten. */
  watch(waiting: PendingStop): void {
    if (this.watched.has(waiting.pid)) return
    this.watched.set(waiting.pid, { waiting, pids: [], empty: 0, slow: false, notBefore: 0 })
    this.interval = FIRST_LOOK_MS
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
    this.timer = setTimeout(() => this.look(), Math.max(this.interval, earliest - now, this.restUntil - now))
  }

  private look(): void {
    const now = performance.now()
    const due = [...this.watched.values()].filter(({ notBefore }) => notBefore <= now)
    this.interval = Math.min(2 * this.interval, LONGEST_LOOK_MS)
    const uncertain: Array<Watched> = []
    for (const watched of due) {
      if (!this.exists(watched.waiting)) this.gone(watched)
      else if (!this.hasProc || this.remembered(watched)) this.alive(watched, watched.pids)
      else uncertain.push(watched)
    }
    if (uncertain.length > 0) this.lookAtAll(uncertain)
    this.arm()
  }

  /** Does a member that we saw before still live? Who else does is of no interest, unless they are to be named. */
  private remembered({ waiting, pids, slow }: Watched): boolean {
    if (slow) return false
    return pids.some((pid) => {
      const stat = readStat(pid, this.proc)
      return stat === "unknown" || (stat !== "missing" && stat.alive && stat.group === waiting.pid)
    })
  }

  private lookAtAll(uncertain: ReadonlyArray<Watched>): void {
    const before = performance.now()
    const members = this.members()
    const now = performance.now()
    this.restUntil = now + REST_FACTOR * (now - before)
    for (const watched of uncertain) {
      const pids = members === undefined ? watched.pids : (members.get(watched.waiting.pid) ?? [])
      if (members === undefined || pids.length > 0) this.alive(watched, pids)
      else if (++watched.empty >= EMPTY_LOOKS) this.gone(watched)
    }
  }

  /** The living members of all watched groups, or undefined when /proc cannot be read now. */
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
    const { pid } = watched.waiting
    if (this.watched.get(pid) !== watched) return
    this.forget(pid)
    watched.waiting.gone()
  }

  private alive(watched: Watched, pids: ReadonlyArray<number>): void {
    if (this.watched.get(watched.waiting.pid) !== watched) return
    watched.pids = pids
    watched.empty = 0
    watched.slow = watched.waiting.alive(pids)
    watched.notBefore = watched.slow ? performance.now() + SLOW_LOOK_MS : 0
  }
}
