/**
 * One life of one leaf, from its command to its end.
 *
 * queued → starting → running → ending (the leader has ended, others of its group live) → draining (nobody lives, output may still
 * be on its way) → ended. A spawn that fails goes from starting to ended. Callbacks only: an idle leaf costs no fiber and no timer.
 */
import type { ChildProcess } from "node:child_process"
import type { Shutdown, Signal } from "../../tree/Spec.ts"
import type { Kill, Signalled } from "../os/kill.ts"
import { type SpawnError, STOPPED, spawnErrorOf } from "../os/spawnErrors.ts"
import { after } from "../os/timer.ts"
import type { BeatListener, ProcessEnd, SpawnCommand } from "../Spawner.ts"
import { channel, environment, launch, readiness } from "./launch.ts"
import { type Outbox, OutputQuota } from "./Outbox.ts"
import { Output, type ReadySign } from "./Output.ts"
import type { PendingStop, ProcessGroups } from "./ProcessGroup.ts"

/** How long output may still come when nobody of the group lives: a process that left the group may hold the pipe for ever. */
const DRAIN_MS = 250
/** How long a process may take to die of SIGKILL before it is told as blocked. */
export const BLOCKED_AFTER_MS = 5_000
/** A process that ends closes its descriptors a little before we hear of its end; one that lives so long afterwards has closed this one only. */
const BEATS_LOST_AFTER_MS = 100

/** What all leaves of a spawner share. */
export interface SpawnerContext {
  readonly outbox: Outbox
  /** Undefined as long as nobody wants to hear heartbeats. */
  beats: BeatListener | undefined
  readonly groups: ProcessGroups
  readonly kill: Kill
  readonly blockedAfterMs: number
  /** Called once, right before the last event of a life is told: whoever hears of the end may start the next life. */
  readonly ended: (leaf: Leaf) => void
}

const nothing = (): void => undefined

export class Leaf implements PendingStop {
  readonly account: OutputQuota
  /** 0 as long as there is none, and where there never was one. */
  pid = 0
  private phase: "queued" | "starting" | "running" | "ending" | "draining" | "ended" = "queued"
  private readonly ground: SpawnerContext
  /** Given up at the start: it holds the environment. */
  private command: SpawnCommand | undefined
  private readonly stopSignal: Signal
  private readonly shutdown: Shutdown
  private output: Output | undefined = undefined
  private asked = false
  /** When SIGKILL is due, and when it was first sent, in milliseconds of `performance.now()`. */
  private deadline = Number.POSITIVE_INFINITY
  private killed: number | undefined = undefined
  private blocked: string | undefined = undefined
  private death: ProcessEnd | undefined = undefined
  /** There is never more than one timer: to kill, then to see that it helped, then to stop waiting for output. */
  private cancelTimer: () => void = nothing

  constructor(command: SpawnCommand, ground: SpawnerContext) {
    this.account = new OutputQuota(command)
    this.ground = ground
    this.command = command
    this.stopSignal = command.stopSignal
    this.shutdown = command.shutdown
  }

  // ---------------------------------------------------------------- start

  /** Blocks for about a millisecond: Node forks. Does nothing when it was refused before. */
  start(): void {
    const { command } = this
    if (this.phase !== "queued" || command === undefined) return
    this.command = undefined
    this.phase = "starting"
    const sign = readiness(command)
    if (typeof sign === "object" && "errno" in sign) return this.refuse(sign)
    const env = environment(command)
    try {
      const child = launch(command, env)
      if (child.pid === undefined) this.awaitError(child, command, env)
      else this.run(child, child.pid, command, sign)
    } catch (error) {
      this.refuse(spawnErrorOf(error, command, env))
    }
  }

  /** It never ran and never will. */
  refuse(reason: SpawnError): void {
    this.phase = "ended"
    this.command = undefined
    this.ground.ended(this)
    this.ground.outbox.tell(this.account, { _tag: "NotStarted", ...reason })
  }

  /** There is no process and no pid; Node says why in a moment. */
  private awaitError(child: ChildProcess, command: SpawnCommand, env: NodeJS.ProcessEnv): void {
    child.once("error", (error) => this.refuse(spawnErrorOf(error, command, env)))
    for (const stream of child.stdio ?? []) stream?.destroy()
  }

  private run(child: ChildProcess, pid: number, command: SpawnCommand, sign: ReadySign): void {
    this.pid = pid
    this.phase = "running"
    const startTime = this.ground.groups.born(pid)
    // Node's own errors of a running child are about its way to send signals and messages, and we use neither.
    child.on("error", nothing)
    child.once("exit", (code, signal) =>
      this.leaderHasEnded(signal === null ? { code: code!, signal: undefined } : { code: undefined, signal })
    )
    this.output = new Output(this.ground.outbox, this.account, {
      ready: () => this.ground.outbox.tell(this.account, { _tag: "Ready" }),
      beat: (receivedAt, sentAt) => this.ground.beats?.beat(this.account, receivedAt, sentAt),
      beatsEnded: () => this.beatsEnded(),
      closed: () => this.phase === "draining" && this.end()
    })
    this.output.listen(child, sign, command.beatMs === undefined ? undefined : channel(command))
    this.ground.outbox.tell(this.account, { _tag: "Spawned", pid, startTime })
    if (command.ready.type === "spawned") this.ground.outbox.tell(this.account, { _tag: "Ready" })
  }

  private beatsEnded(): void {
    const lost = (): void => {
      if (this.phase === "running") this.ground.beats?.lost(this.account)
    }
    setTimeout(lost, BEATS_LOST_AFTER_MS).unref()
  }

  // ---------------------------------------------------------------- stop

  /** Sends one signal, if there is still someone to get it. */
  signal(signal: Signal, to: "leader" | "group"): boolean {
    if (to === "leader") return this.phase === "running" && this.ground.kill(this.pid, "leader", signal) !== "gone"
    return this.toGroup(signal) !== "gone"
  }

  /** The stop signal, once; then SIGKILL, at the earliest of the times that were ever asked for. */
  stop(how: Shutdown): void {
    if (this.phase === "queued") return this.refuse(STOPPED)
    if (!this.lives()) return
    if (how === "brutalKill" || this.stopSignal === "SIGKILL") return this.kill()
    if (!this.asked) {
      this.asked = true
      this.toGroup(this.stopSignal)
      // A stopped process gets no signal but this one and SIGKILL; to a running one it says nothing.
      this.toGroup("SIGCONT")
    }
    const deadline = how === "infinity" ? Number.POSITIVE_INFINITY : performance.now() + how
    if (deadline >= this.deadline || this.killed !== undefined) return
    this.deadline = deadline
    this.cancelTimer()
    this.cancelTimer = after(deadline - performance.now(), () => this.kill())
  }

  /** SIGKILL to the group, now. */
  kill(): void {
    if (!this.lives()) return
    this.toGroup("SIGKILL")
    if (this.killed !== undefined) return
    this.killed = performance.now()
    this.cancelTimer()
    this.cancelTimer = after(this.ground.blockedAfterMs, () => this.ground.groups.watch(this))
  }

  private lives(): boolean {
    return this.phase === "running" || this.phase === "ending"
  }

  private toGroup(signal: Signal | "SIGCONT"): Signalled {
    if (this.phase === "running") return this.ground.kill(this.pid, "group", signal)
    // Once the leader has been waited for, the number is the group's only as long as that exists.
    if (this.phase === "ending" && this.ground.groups.exists(this)) return this.ground.kill(this.pid, "group", signal)
    return "gone"
  }

  // ---------------------------------------------------------------- end

  leaderEnded(): boolean {
    return this.death !== undefined
  }

  private leaderHasEnded(death: ProcessEnd): void {
    this.death = death
    this.ground.groups.died(this.pid)
    if (!this.ground.groups.exists(this)) return this.gone()
    this.phase = "ending"
    this.ground.outbox.tell(this.account, { _tag: "LeaderEnded", ...death })
    if (this.killed !== undefined) this.kill()
    else if (!this.asked) this.stop(this.shutdown)
    this.ground.groups.watch(this)
  }

  /** Some members live, or may live. Answers whether they are past help, so that we need not look often. */
  alive(pids: ReadonlyArray<number>): boolean {
    if (this.killed === undefined) return false
    // Whoever came to the group after the signal has not got it.
    this.toGroup("SIGKILL")
    if (performance.now() - this.killed < this.ground.blockedAfterMs) return false
    const blocked = pids.join()
    if (blocked !== this.blocked) {
      this.blocked = blocked
      this.ground.outbox.tell(this.account, { _tag: "Blocked", pids })
    }
    return true
  }

  /** No member of the group lives. */
  gone(): void {
    // Where the leader is dead and Node has not said so yet, it will.
    if (!this.leaderEnded() || !this.lives()) return
    this.phase = "draining"
    this.ground.groups.forget(this.pid)
    this.cancelTimer()
    if (this.output?.open === 0) return this.end()
    // One more turn of the loop after the time is over: if it was our loop that was slow, what waits to be read is read in it.
    this.cancelTimer = after(DRAIN_MS, () => setImmediate(() => this.output?.close()))
  }

  /** Comes after `gone`, so its death is known. */
  private end(): void {
    this.phase = "ended"
    this.cancelTimer()
    this.ground.ended(this)
    this.ground.outbox.tell(this.account, { _tag: "Exited", ...this.death! })
  }
}
