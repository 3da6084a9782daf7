/**
 * Processes that have left the group of their leaf: daemons, what `setsid` starts, what a check has left behind. They
 * are known by what they have inherited: the path, the incarnation and the supervisor in their environment. They end
 * with their leaf; nothing is found where there is no /proc, or of a process that has cleared its environment.
 */
import type { Signal } from "../../tree/Spec.ts"
import type { Kill } from "./kill.ts"
import { PidsInUse } from "./PidsInUse.ts"
import { listProcesses, readEnvironment, readStat } from "./proc.ts"
import { after } from "./timer.ts"

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

interface Listener {
  /** There are some. Called at most once. */
  readonly found: () => void
  /** They do not die of SIGKILL. Called again when they are others. */
  readonly blocked: (pids: ReadonlyArray<number>) => void
  /** None is left. */
  readonly ended: () => void
}

/** How often we look whether they have ended. */
const CHECK_MS = 20
/** The same once SIGKILL has not helped. */
const CHECK_BLOCKED_MS = 1_000
/** Within this time a process that starts its program has an environment again. */
const UNSURE_LOOKS = 3
/** How long we try to look where we cannot, for lack of descriptors. */
const PATIENCE_MS = 5_000
/** The parent of all threads of the kernel. */
const KTHREADD = 2

export class Strays {
  readonly kill: Kill
  readonly blockedAfterMs: number
  private readonly proc: string
  /** By what marks them, of the processes that were looked at. An environment does not change. */
  private readonly marked = new Map<string, Map<number, Process>>()
  /** Where it is in `marked`, by pid. */
  private readonly keys = new Map<number, string>()
  private readonly seen: PidsInUse
  /** How often the environment of a process could not be read: it may be starting its program. */
  private readonly unsure = new Map<number, number>()
  private isFresh = false
  private couldLook = true

  constructor(kill: Kill, proc: string, blockedAfterMs: number) {
    this.kill = kill
    this.proc = proc
    this.blockedAfterMs = blockedAfterMs
    this.seen = new PidsInUse(proc)
  }

  /** Ends those with this mark, and what they start meanwhile. `killAt`: as in `performance.now()`. */
  end(mark: Mark, signal: Signal, killAt: number, listener: Listener): StrayEnding {
    return new StrayEnding(this, mark, signal, killAt, listener)
  }

  /** Kills them now. */
  killNow(mark: Mark): void {
    for (const { pid } of this.of(mark).living) this.kill(pid, "leader", "SIGKILL")
  }

  /** The living processes with this mark. Not sure: there may be more, and it is to be asked again. */
  of(mark: Mark): { readonly living: ReadonlyArray<Process>; readonly isSure: boolean } {
    this.look()
    const found = this.marked.get(keyOf(mark))?.values() ?? []
    return { living: [...found].filter((process) => this.isStray(process)), isSure: this.couldLook && this.unsure.size === 0 }
  }

  /** Is it the one that was marked, and alive? A check that runs is ours, and is ended by those who run it. */
  private isStray({ pid, startTime }: Process): boolean {
    const stat = readStat(pid, this.proc)
    if (typeof stat === "string" || !stat.alive || stat.startTime !== startTime) return false
    const leader = stat.group === pid ? stat : readStat(stat.group, this.proc)
    return typeof leader === "string" || leader.parent !== process.pid
  }

  /** Once in each turn of the event loop, however many leaves end in it; and only new processes are looked at. */
  private look(): void {
    if (this.isFresh) return
    this.isFresh = true
    setImmediate(() => {
      this.isFresh = false
    })
    this.seen.begin()
    const pids = listProcesses(this.proc)
    this.couldLook = pids !== undefined
    if (pids === undefined) return
    const present = new Set(pids)
    for (const pid of this.unsure.keys()) if (!present.has(pid)) this.unsure.delete(pid)
    for (const pid of this.seen.retain(present)) this.forget(pid)
    for (const pid of pids) if (!this.seen.has(pid) && pid !== process.pid) this.meet(pid)
  }

  private forget(pid: number): void {
    const key = this.keys.get(pid)
    if (key === undefined) return
    this.keys.delete(pid)
    const processes = this.marked.get(key)
    processes?.delete(pid)
    if (processes?.size === 0) this.marked.delete(key)
  }

  private meet(pid: number): void {
    const environment = readEnvironment(pid, this.proc)
    if (environment === "missing") return
    if (environment === "unknown") {
      const stat = readStat(pid, this.proc)
      if (stat === "missing" || (typeof stat === "object" && !stat.alive)) return void this.unsure.delete(pid)
      const looks = (this.unsure.get(pid) ?? 0) + 1
      const isKernels = pid === KTHREADD || (typeof stat === "object" && stat.parent === KTHREADD)
      if (!isKernels && looks < UNSURE_LOOKS) return void this.unsure.set(pid, looks)
    }
    this.unsure.delete(pid)
    this.seen.add(pid)
    const key = typeof environment === "string" ? undefined : keyIn(environment)
    const stat = key === undefined ? "unknown" : readStat(pid, this.proc)
    if (key === undefined || typeof stat === "string") return
    const processes = this.marked.get(key) ?? new Map<number, Process>()
    this.marked.set(key, processes.set(pid, { pid, startTime: stat.startTime }))
    this.keys.set(pid, key)
  }
}

/** The strays of one incarnation, from the end of its group until none is left. */
export class StrayEnding {
  private readonly strays: Strays
  private readonly mark: Mark
  private readonly signal: Signal
  private readonly listener: Listener
  private killAt: number
  private readonly giveUpAt = performance.now() + PATIENCE_MS
  private readonly asked = new Set<string>()
  /** Those that there were at first. */
  pids: ReadonlyArray<number> = []
  private blocked = ""
  private cancel: () => void = () => undefined
  private hasEnded = false

  constructor(strays: Strays, mark: Mark, signal: Signal, killAt: number, listener: Listener) {
    this.strays = strays
    this.mark = mark
    this.signal = signal
    this.killAt = killAt
    this.listener = listener
    this.check()
  }

  /** SIGKILL comes then, if not earlier. */
  killBy(at: number): void {
    if (this.hasEnded || at >= this.killAt) return
    this.killAt = at
    this.cancel()
    this.check()
  }

  private check(): void {
    const { living, isSure } = this.strays.of(this.mark)
    const now = performance.now()
    if (living.length === 0 && (isSure || now >= this.giveUpAt)) {
      this.hasEnded = true
      return this.listener.ended()
    }
    if (living.length > 0 && this.pids.length === 0) {
      this.pids = living.map(({ pid }) => pid)
      this.listener.found()
    }
    const isLate = now >= this.killAt
    for (const process of living) this.ask(process, isLate)
    const isBlocked = living.length > 0 && now >= this.killAt + this.strays.blockedAfterMs
    if (isBlocked) this.report(living.map(({ pid }) => pid))
    this.cancel = after(isBlocked ? CHECK_BLOCKED_MS : CHECK_MS, () => this.check())
  }

  private ask({ pid, startTime }: Process, isLate: boolean): void {
    if (isLate) return void this.strays.kill(pid, "leader", "SIGKILL")
    const process = `${pid} ${startTime}`
    if (this.asked.has(process)) return
    this.asked.add(process)
    this.strays.kill(pid, "leader", this.signal)
    this.strays.kill(pid, "leader", "SIGCONT") // one that is stopped could not end
  }

  private report(pids: ReadonlyArray<number>): void {
    if (pids.join() === this.blocked) return
    this.blocked = pids.join()
    this.listener.blocked(pids)
  }
}

const keyOf = ({ path, incarnation, supervisor }: Mark): string => `${path} ${incarnation} ${supervisor}`

function keyIn(environment: ReadonlyMap<string, string>): string | undefined {
  const path = environment.get("SUPERVISE_PATH")
  const supervisor = environment.get("SUPERVISE_SUPERVISOR")
  if (path === undefined || supervisor === undefined) return undefined
  return keyOf({ path, incarnation: Number(environment.get("SUPERVISE_INCARNATION")), supervisor })
}
