/**
 * A simulated world around the core: processes start, exit, hang and receive signals as their behaviour says; faults
 * come when they are due; the clock is a number. Nothing is started, and an hour takes milliseconds.
 *
 * What happens to a process and what the core learns of it are two things: a stalled supervisor learns later.
 */
import type { Action } from "../../core/Action.ts"
import type { Event } from "../../core/Event.ts"
import { type Exit, successOf } from "../../core/Exit.ts"
import { make, step } from "../../core/Machine.ts"
import type { TreeState } from "../../core/State.ts"
import { EventDelivery } from "./EventDelivery.ts"
import { EventQueue, FIRST, LAST } from "./EventQueue.ts"
import { Hangs } from "./Hangs.ts"
import type { ScheduledInjection } from "./Injection.ts"
import type { LifeModel } from "./LifeModel.ts"
import { Outages } from "./Outages.ts"
import { CRASHED, type Due, KILLED, NOT_SPAWNED, type Process } from "./Process.ts"
import { Wakes } from "./Wakes.ts"
import type { WorldOptions } from "./WorldOptions.ts"

type Concerns = (path: string) => boolean

export class SimulatedWorld {
  readonly state: TreeState
  now = 0
  /** How many events the core handled. */
  events = 0
  ended: { readonly at: number; readonly exit: Exit } | undefined
  private readonly options: WorldOptions
  private readonly lifeModel: LifeModel
  private readonly queue = new EventQueue<Due>()
  private readonly wakes = new Wakes((from, to) => this.delivery.missed(from, to))
  private readonly running = new Map<string, Process>()
  private readonly outages = new Outages()
  private readonly delivery: EventDelivery
  private readonly hangs: Hangs
  private clockOffsetMs = 0
  private suspendedUntil = 0
  private isCalm = false

  constructor(options: WorldOptions) {
    this.options = options
    this.lifeModel = options.lifeModel
    const now = (): number => this.now
    this.delivery = new EventDelivery({ now, at: (at, run) => this.due(at, run, FIRST), step: (event) => this.step(event) })
    this.hangs = new Hangs(options.seed, {
      now,
      stalledUntil: () => this.delivery.stalledUntil,
      later: (process, at, run) => this.later(process, at, run),
      deliver: (event) => this.deliver(event),
      observer: options.observer
    })
    this.state = make(options.tree, options.seed)
    for (const injection of options.injections) {
      this.due(injection.at, () => void (this.isCalm || this.inject(injection)), this.lifeModel.tie(JSON.stringify(injection), 0))
    }
  }

  /** Runs until this time, or until the tree has ended, or nothing more can happen. */
  until(end: number): void {
    while (this.ended === undefined) {
      const next = this.queue.first
      const wake = this.wakes.first
      const wakeAt =
        wake === undefined ? Number.POSITIVE_INFINITY : Math.max(wake.at - this.clockOffsetMs, this.now, this.delivery.stalledUntil)
      const nextAt = next?.at ?? Number.POSITIVE_INFINITY
      const isWakeNext = wakeAt < nextAt || (wakeAt === nextAt && wake !== undefined && wake.tie < next!.tie)
      const at = isWakeNext ? wakeAt : nextAt
      if (at > end || at === Number.POSITIVE_INFINITY) break
      this.now = Math.max(this.now, at)
      if (isWakeNext) this.step(this.wakes.next())
      else this.run(this.queue.next()!.what)
    }
    if (this.ended === undefined) this.now = Math.max(this.now, end)
  }

  /** Ends all faults: outages are over, what hangs is killed, what starts is ready at once, and the supervisor runs. */
  calmDown(): void {
    this.isCalm = true
    this.outages.clear()
    this.resume()
    for (const process of this.running.values()) {
      if (process.state === "hung") this.endAt(process, this.now, KILLED)
      else this.later(process, this.now, () => this.becomeUp(process))
    }
  }

  /** Ends a stall of the supervisor. */
  resume(): void {
    this.delivery.resume()
  }

  deliver(event: Event): void {
    this.delivery.deliver(event)
  }

  /** The paths at which a process runs. */
  get left(): ReadonlyArray<string> {
    return [...this.running.keys()]
  }

  private due(at: number, run: () => void, tie: number): void {
    if (Number.isFinite(at)) this.queue.add(at, tie, { process: undefined, run })
  }

  private run({ process, run }: Due): void {
    if (process?.state !== "over") run()
  }

  private step(event: Event): void {
    const actions = step(this.state, event, this.now + this.clockOffsetMs)
    this.events++
    this.options.observer.stepped({ at: this.state.now, event, actions }, this.now)
    for (const action of actions) this.perform(action)
  }

  private perform(action: Action): void {
    switch (action._tag) {
      case "Spawn":
        return this.spawn(action)
      case "Stop":
        return this.stop(action)
      case "Wake": {
        const { path, incarnation, purpose } = action
        const tie = purpose === "retry" ? LAST : this.lifeModel.tie(path, -incarnation)
        return this.wakes.add(action, tie, this.now, action.at - this.clockOffsetMs)
      }
      case "Finish":
        this.ended = { at: this.now, exit: action.exit }
    }
  }

  // ---------------------------------------------------------------- processes

  private spawn({ path, incarnation, spec: worker }: Extract<Action, { _tag: "Spawn" }>): void {
    const process: Process = { path, incarnation, worker, state: "unborn", plans: 0, silences: 0, silentUntil: undefined }
    this.running.set(path, process)
    this.lifeModel.register(path, worker)
    this.options.observer.began(path, worker, this.now)
    this.later(process, this.now, () => this.start(process))
  }

  /**
   * A worker that is ready when spawned is reported at once, as live: what goes wrong later is a crash, not a failed
   * start.
   */
  private start(process: Process): void {
    const { path, incarnation, worker } = process
    const exit = this.outages.exitOf(path, this.now)
    if (exit === NOT_SPAWNED) return this.end(process, NOT_SPAWNED)
    process.state = "starting"
    this.deliver({ _tag: "Spawned", path, incarnation })
    if (worker.ready.type === "spawned") this.deliver({ _tag: "Ready", path, incarnation })
    if (exit !== undefined) return this.endAt(process, this.now, exit)
    const upAt = this.isCalm ? this.now : this.now + this.lifeModel.durationOf(process, "starting")
    if (!this.isCalm && this.lifeModel.failsToStart(process)) this.endByItself(process, upAt)
    else this.later(process, upAt, () => this.becomeUp(process))
  }

  private becomeUp(process: Process): void {
    if (process.state !== "starting") return
    const { path, incarnation, worker } = process
    if (worker.ready.type === "exited") return this.end(process, successOf(worker))
    process.state = "up"
    this.options.observer.up(path, this.now)
    if (worker.ready.type !== "spawned") this.deliver({ _tag: "Ready", path, incarnation })
    this.schedulePause(process)
    this.endByItself(process, this.now + this.lifeModel.durationOf(process, "lifetime"))
  }

  private endByItself(process: Process, at: number): void {
    this.later(process, at, () => {
      if (this.isCalm || process.state === "hung") return
      if (this.lifeModel.hangs(process)) this.hangs.hang(process)
      else this.end(process, this.lifeModel.exit(process))
    })
  }

  private stop({ path, incarnation, how }: Extract<Action, { _tag: "Stop" }>): void {
    const process = this.running.get(path)
    if (process === undefined || process.incarnation !== incarnation) return
    const isKill = how === "brutalKill" || process.worker.stopSignal === "SIGKILL"
    if (isKill) return this.kill(process, this.now)
    if (how !== "infinity") this.kill(process, this.now + how)
    if (process.state === "hung" || this.lifeModel.of(path).deaf) return
    const exit: Exit = { _tag: "Signal", signal: process.worker.stopSignal }
    const from = process.silentUntil ?? this.now
    this.later(process, from + this.lifeModel.durationOf(process, "stopping"), () => {
      if (process.state !== "hung") this.end(process, exit)
    })
  }

  /** By the supervisor, so only once it runs. */
  private kill(process: Process, at: number): void {
    const run = (): void => {
      if (process.state === "over") return
      if (this.now < this.delivery.stalledUntil) this.kill(process, this.delivery.stalledUntil)
      else this.end(process, KILLED)
    }
    this.due(at, run, this.tieOf(process))
  }

  /** Of several exits, the first counts. */
  private endAt(process: Process, at: number, exit: Exit): void {
    this.later(process, at, () => this.end(process, exit))
  }

  private end(process: Process, exit: Exit): void {
    const { path, incarnation } = process
    process.state = "over"
    this.running.delete(path)
    this.options.observer.down(path, this.now)
    this.deliver({ _tag: "Exited", path, incarnation, exit })
  }

  /** One pause after the other, if its behaviour has any. */
  private schedulePause(process: Process): void {
    const { afterMs, forMs } = this.lifeModel.pause(process, process.silences)
    this.later(process, this.now + afterMs, () => {
      if (this.isCalm || process.state === "over") return
      this.hangs.pause(process, forMs)
      this.schedulePause(process)
    })
  }

  /** Drawn for each incarnation separately, so that one does not move another. */
  private tieOf(process: Process): number {
    return this.lifeModel.tie(process.path, process.incarnation * 64 + process.plans++)
  }

  private later(process: Process, at: number, run: () => void): void {
    if (Number.isFinite(at)) this.queue.add(at, this.tieOf(process), { process, run })
  }

  // ---------------------------------------------------------------- faults

  private inject(injection: ScheduledInjection): void {
    const until = this.now + ("forMs" in injection ? injection.forMs : 0)
    const concerns = "path" in injection ? (path: string) => this.options.covers(injection.path, path) : () => false
    switch (injection.type) {
      case "kill":
        return this.forEach(concerns, (process) => this.endAt(process, this.now, KILLED))
      case "hang":
        return this.forEach(concerns, (process) => this.hangs.hang(process))
      case "pause":
        return this.forEach(concerns, (process) => this.hangs.pause(process, injection.forMs))
      case "outage":
        this.outages.add({ concerns, until, exit: CRASHED })
        return this.forEach(concerns, (process) => this.endAt(process, this.now, CRASHED))
      case "hint":
        return this.lifeModel.paths.filter(concerns).forEach((path) => void this.deliver({ _tag: "Hint", path }))
      case "spawnErrors":
        return this.outages.add({ concerns, until, exit: NOT_SPAWNED })
      case "swizzle":
        return this.swizzle(concerns, injection.forMs)
      case "suspend":
        return this.suspend(until)
      case "stall":
        return this.delivery.stall(until)
      case "clockJump":
        this.clockOffsetMs += injection.byMs
    }
  }

  private forEach(concerns: Concerns, act: (process: Process) => void): void {
    for (const process of [...this.running.values()]) if (process.state !== "unborn" && concerns(process.path)) act(process)
  }

  /** No process makes progress, and none counts as up. */
  private suspend(until: number): void {
    const longer = until - Math.max(this.now, this.suspendedUntil)
    if (longer <= 0) return
    this.queue.postpone(longer, ({ process }) => process !== undefined)
    this.suspendedUntil = until
    this.delivery.stall(until)
    for (const process of this.running.values()) {
      if (process.state !== "up") continue
      this.options.observer.down(process.path, this.now)
      const isBack = (): boolean => process.state === "up" && this.now >= this.suspendedUntil
      this.due(until, () => void (isBack() && this.options.observer.up(process.path, this.now)), FIRST)
    }
  }

  /** All go away in the first half of the time, and come back in the second. */
  private swizzle(concerns: Concerns, forMs: number): void {
    const half = Math.floor(forMs / 2)
    for (const path of this.lifeModel.paths.filter(concerns)) {
      const from = this.now + this.lifeModel.timeWithin(path, "goes", this.now, half)
      const until = this.now + half + this.lifeModel.timeWithin(path, "comes", this.now, half)
      const goAway = (): void => {
        if (this.isCalm) return
        this.outages.addOne(path, until, CRASHED)
        const process = this.running.get(path)
        if (process !== undefined && process.state !== "unborn") this.endAt(process, this.now, CRASHED)
      }
      this.due(from, goAway, this.lifeModel.tie(path, -1))
    }
  }
}
