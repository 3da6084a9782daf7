/**
 * One incarnation of one leaf, from its command to its end.
 *
 * queued → starting → running → ending (the leader has ended, members of its group have not) → straying (the group is
 * gone, processes that have left it are not) → draining (output may still arrive) → ended. A spawn that fails goes from
 * starting to ended. Callbacks only: an idle leaf costs no fiber and no timer.
 */
import type { Shutdown, Signal } from "../../tree/Spec.ts"
import { type Outbox, OutputQuota } from "../Outbox.ts"
import { leafEnvironment, notifyFd } from "../os/environment.ts"
import type { Kill, Signalled } from "../os/kill.ts"
import type { Mark, StrayEnding, Strays } from "../os/Strays.ts"
import { type SpawnError, STOPPED, spawnErrorOf } from "../os/spawnErrors.ts"
import { after } from "../os/timer.ts"
import { type ReadySign, readiness, withoutKeeper } from "../readiness.ts"
import type { BeatListener, ProcessEnd, SpawnCommand } from "../Spawner.ts"
import { type Launched, launch } from "./launch.ts"
import { Output } from "./Output.ts"
import type { PendingStop, ProcessGroups } from "./ProcessGroup.ts"
import type { PipeStock } from "./pipes.ts"

/**
 * How long output may still arrive when the group is gone: a process that left the group may hold the pipe for ever.
 */
const DRAIN_MS = 250
/** How long a process may take to die of SIGKILL before it is reported as blocked. */
export const BLOCKED_AFTER_MS = 5_000
/**
 * A dying process closes its descriptors shortly before its exit is reported, so wait this long before calling the
 * channel lost.
 */
const BEATS_LOST_AFTER_MS = 100

/** What all leaves of a spawner share. */
export interface SpawnerContext {
  readonly outbox: Outbox
  /** Undefined until something listens for heartbeats. */
  beats: BeatListener | undefined
  readonly groups: ProcessGroups
  readonly pipes: PipeStock
  readonly strays: Strays
  readonly kill: Kill
  readonly blockedAfterMs: number
  /** Called once, right before the last event of a leaf: its sink may start the next incarnation. */
  readonly onEnded: (leaf: Leaf) => void
}

/** A group that was asked to stop may outlive its leader for so long before that is told. */
const LINGERING_MS = 100
/** How long strays may take where their leaf may take any time. */
const STRAYS_MS = 5_000

const nothing = (): void => undefined

export class Leaf implements PendingStop {
  readonly quota: OutputQuota
  /** 0 until it runs, and if it never ran. */
  pid = 0
  private phase: "queued" | "starting" | "running" | "ending" | "straying" | "draining" | "ended" = "queued"
  private readonly context: SpawnerContext
  /** Dropped at the start, as it holds the environment. */
  private command: SpawnCommand | undefined
  /** What its processes have in their environment, if it says whose they are. */
  private readonly mark: Mark | undefined
  private strayEnding: StrayEnding | undefined = undefined
  private readonly stopSignal: Signal
  private readonly stopTo: SpawnCommand["stopTo"]
  private readonly shutdown: Shutdown
  private launched: Launched | undefined = undefined
  private output: Output | undefined = undefined
  /** The stop signal was sent. */
  private stopSent = false
  /** When SIGKILL is due, in milliseconds of `performance.now()`. */
  private deadline = Number.POSITIVE_INFINITY
  /** When SIGKILL was first sent, in milliseconds of `performance.now()`. */
  private killedAt: number | undefined = undefined
  /** The pids that were last reported as blocked. */
  private reportedBlocked: string | undefined = undefined
  private exit: ProcessEnd | undefined = undefined
  private leaderEndedAt = Number.POSITIVE_INFINITY
  private wasLeaderEndTold = false
  /**
   * At most one timer runs: until SIGKILL, then until a SIGKILL is taken as failed, then until we stop waiting for
   * output.
   */
  private cancelTimer: () => void = nothing

  constructor(command: SpawnCommand, context: SpawnerContext) {
    this.quota = new OutputQuota(command)
    this.context = context
    this.command = command
    const { path, incarnation, env } = command
    this.mark = env.SUPERVISE_SUPERVISOR == null ? undefined : { path, incarnation, supervisor: env.SUPERVISE_SUPERVISOR }
    this.stopSignal = command.stopSignal
    this.stopTo = command.stopTo
    this.shutdown = command.shutdown
  }

  // ---------------------------------------------------------------- start

  /** Blocks for about a millisecond: Node forks. Does nothing if the start has already failed. */
  start(): void {
    const { command } = this
    if (this.phase !== "queued" || command === undefined) return
    this.command = undefined
    this.phase = "starting"
    const readySign = withoutKeeper(command) ?? readiness(command)
    if (typeof readySign === "object" && "errno" in readySign) return this.failToStart(readySign)
    const env = leafEnvironment(command)
    try {
      const launched = launch(command, env, this.context.pipes)
      if (launched.child.pid === undefined) this.awaitError(launched, command, env)
      else this.run(launched, launched.child.pid, command, readySign)
    } catch (error) {
      this.failToStart(spawnErrorOf(error, command, env))
    }
  }

  /** It never ran and never will: reports why. */
  failToStart(error: SpawnError): void {
    this.phase = "ended"
    this.command = undefined
    this.context.onEnded(this)
    this.context.outbox.emit(this.quota, { _tag: "NotStarted", ...error })
  }

  /** There is no process and no pid; Node emits the reason in a moment. */
  private awaitError({ child, stdout, stderr, close }: Launched, command: SpawnCommand, env: NodeJS.ProcessEnv): void {
    child.once("error", (error) => this.failToStart(spawnErrorOf(error, command, env)))
    for (const stream of [stdout, stderr, ...(child.stdio ?? [])]) stream?.destroy()
    close()
  }

  private run(launched: Launched, pid: number, command: SpawnCommand, readySign: ReadySign): void {
    const { child } = launched
    this.launched = launched
    this.pid = pid
    this.phase = "running"
    const startTime = this.context.groups.leaderStarted(pid)
    // For a running child Node's errors are about sending signals and messages, and we do neither through it.
    child.on("error", nothing)
    child.once("exit", (code, signal) =>
      this.onLeaderExit(signal === null ? { code: code!, signal: undefined } : { code: undefined, signal })
    )
    this.output = new Output(this.context.outbox, this.quota, {
      ready: () => this.context.outbox.emit(this.quota, { _tag: "Ready" }),
      beat: (receivedAt, sentAt) => this.context.beats?.beat(this.quota, receivedAt, sentAt),
      beatsEnded: () => this.onBeatsEnded(),
      closed: () => this.phase === "draining" && this.end()
    })
    this.output.listen(launched, readySign, command.beatMs === undefined ? undefined : notifyFd(command))
    this.context.outbox.emit(this.quota, { _tag: "Spawned", pid, startTime })
    if (command.ready.type === "spawned") this.context.outbox.emit(this.quota, { _tag: "Ready" })
  }

  private onBeatsEnded(): void {
    const lost = (): void => {
      if (this.phase === "running") this.context.beats?.lost(this.quota)
    }
    setTimeout(lost, BEATS_LOST_AFTER_MS).unref()
  }

  // ---------------------------------------------------------------- stop

  /** Sends one signal. Returns false if no process can get it any more. */
  signal(signal: Signal, to: "leader" | "group"): boolean {
    if (to === "leader") return this.phase === "running" && this.context.kill(this.pid, "leader", signal) !== "gone"
    return this.toGroup(signal) !== "gone"
  }

  /** Sends the stop signal once, then SIGKILL at the earliest time that was ever asked for. */
  stop(how: Shutdown): void {
    if (this.phase === "queued") return this.failToStart(STOPPED)
    if (how === "brutalKill" || this.stopSignal === "SIGKILL") return this.kill()
    if (how !== "infinity") this.strayEnding?.killBy(performance.now() + how)
    if (!this.isAlive()) return
    if (!this.stopSent) {
      this.stopSent = true
      this.signal(this.stopSignal, this.stopTo)
      // A stopped process gets no other signal before SIGCONT, except SIGKILL. A running one ignores SIGCONT.
      this.toGroup("SIGCONT")
    }
    const deadline = how === "infinity" ? Number.POSITIVE_INFINITY : performance.now() + how
    if (deadline >= this.deadline || this.killedAt !== undefined) return
    this.deadline = deadline
    this.cancelTimer()
    this.cancelTimer = after(deadline - performance.now(), () => this.kill())
  }

  /** Sends SIGKILL now: to the group, and when that has gone to those that had left it. */
  kill(): void {
    this.strayEnding?.killBy(performance.now())
    if (!this.isAlive()) return
    this.toGroup("SIGKILL")
    if (this.killedAt !== undefined) return
    this.killedAt = performance.now()
    this.cancelTimer()
    this.cancelTimer = after(this.context.blockedAfterMs, () => this.context.groups.watch(this))
  }

  /** For the moment before our own process ends. */
  killAll(): void {
    this.kill()
    if (this.mark !== undefined) this.context.strays.killNow(this.mark)
  }

  private isAlive(): boolean {
    return this.phase === "running" || this.phase === "ending"
  }

  private toGroup(signal: Signal | "SIGCONT"): Signalled {
    if (this.phase === "running") return this.context.kill(this.pid, "group", signal)
    // Once the leader has been waited for, the number is safe to signal only while the group exists.
    if (this.phase === "ending" && this.context.groups.exists(this)) return this.context.kill(this.pid, "group", signal)
    return "gone"
  }

  // ---------------------------------------------------------------- end

  hasLeaderEnded(): boolean {
    return this.exit !== undefined
  }

  private onLeaderExit(exit: ProcessEnd): void {
    this.exit = exit
    this.context.groups.leaderEnded(this.pid)
    if (!this.context.groups.exists(this)) return this.onGone()
    this.phase = "ending"
    this.leaderEndedAt = performance.now()
    // All of the group was asked to stop: in a moment there may be nothing to tell.
    if (!this.stopSent && this.killedAt === undefined) this.tellLeaderEnded()
    // The others were the leader's to stop.
    if (this.killedAt !== undefined || this.stopTo === "leader") this.kill()
    else if (!this.stopSent) this.stop(this.shutdown)
    this.context.groups.watch(this)
  }

  /** Some members live, or may live. Returns true if SIGKILL has not helped, so that checking rarely is enough. */
  onAlive(pids: ReadonlyArray<number>): boolean {
    if (performance.now() - this.leaderEndedAt >= LINGERING_MS) this.tellLeaderEnded()
    if (this.killedAt === undefined) return false
    // A process that joined the group after the last SIGKILL did not get it.
    this.toGroup("SIGKILL")
    if (performance.now() - this.killedAt < this.context.blockedAfterMs) return false
    const blocked = pids.join()
    if (blocked !== this.reportedBlocked) {
      this.reportedBlocked = blocked
      this.context.outbox.emit(this.quota, { _tag: "Blocked", pids })
    }
    return true
  }

  /** No member of the group is alive. */
  onGone(): void {
    // If the leader is dead and Node has not reported it yet, it will.
    if (!this.hasLeaderEnded() || !this.isAlive()) return
    this.phase = "straying"
    this.context.groups.forget(this.pid)
    this.cancelTimer()
    if (this.mark === undefined) return this.drain()
    this.strayEnding = this.context.strays.end(this.mark, this.stopSignal, this.strayDeadline(), {
      found: () => this.tellLeaderEnded(),
      blocked: (pids) => this.context.outbox.emit(this.quota, { _tag: "Blocked", pids }),
      ended: () => this.drain()
    })
  }

  /** They have what is left of the time that the leaf has. */
  private strayDeadline(): number {
    const now = performance.now()
    if (this.killedAt !== undefined || this.shutdown === "brutalKill") return now
    if (this.stopSent && this.deadline < Number.POSITIVE_INFINITY) return this.deadline
    return now + (this.stopSent || this.shutdown === "infinity" ? STRAYS_MS : this.shutdown)
  }

  private tellLeaderEnded(): void {
    if (this.wasLeaderEndTold || this.exit === undefined) return
    this.wasLeaderEndTold = true
    this.context.outbox.emit(this.quota, { _tag: "LeaderEnded", ...this.exit })
  }

  private drain(): void {
    this.phase = "draining"
    if (this.output?.open === 0) return this.end()
    // Then one more turn of the event loop: if it was our loop that was slow, pending output is read in that turn.
    this.cancelTimer = after(DRAIN_MS, () => setImmediate(() => this.output?.close()))
  }

  /** Called after `onGone`, so the exit is known. */
  private end(): void {
    this.phase = "ended"
    this.cancelTimer()
    this.launched?.close()
    this.context.onEnded(this)
    const strays = this.strayEnding?.pids ?? []
    this.context.outbox.emit(this.quota, { _tag: "Exited", ...this.exit!, ...(strays.length > 0 && { strays }) })
  }
}
