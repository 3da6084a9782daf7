/**
 * An invented world around the core: its processes start, end, hang and hear signals as their fates have it; its faults come when they are due;
 * its clock is a number. Nothing is started, and an hour takes milliseconds.
 *
 * What happens to a process and what the core hears of it are two things: a supervisor that is stalled hears later.
 */
import type { Action } from "../../core/Action.ts"
import type { Event } from "../../core/Event.ts"
import type { Exit } from "../../core/Exit.ts"
import { make, step } from "../../core/Machine.ts"
import type { TreeState } from "../../core/State.ts"
import { EventDelivery } from "./EventDelivery.ts"
import { EventQueue, FIRST, LAST } from "./EventQueue.ts"
import { Hangs } from "./Hangs.ts"
import type { Dated } from "./Injection.ts"
import type { LifeModel } from "./LifeModel.ts"
import { Outages } from "./Outages.ts"
import { CRASHED, type Due, KILLED, type Process, REFUSED } from "./Process.ts"
import type { WorldOptions } from "./WorldOptions.ts"

type Concerns = (path: string) => boolean

export class SimulatedWorld {
  readonly state: TreeState
  now = 0
  /** How many events the core has folded. */
  events = 0
  ended: { readonly at: number; readonly exit: Exit } | undefined
  private readonly setting: WorldOptions
  private readonly fates: LifeModel
  private readonly agenda = new EventQueue<Due>()
  /** By the core's clock, which may jump. */
  private readonly wakes = new EventQueue<Event>()
  private readonly running = new Map<string, Process>()
  private readonly outages = new Outages()
  private readonly hearing: EventDelivery
  private readonly silences: Hangs
  private jumped = 0
  private pausedUntil = 0
  private isCalm = false

  constructor(setting: WorldOptions) {
    this.setting = setting
    this.fates = setting.lifeModel
    const now = (): number => this.now
    this.hearing = new EventDelivery({ now, at: (moment, then) => this.due(moment, then, FIRST), fold: (event) => this.fold(event) })
    this.silences = new Hangs(setting.seed, {
      now,
      stalledUntil: () => this.hearing.deafUntil,
      later: (process, at, then) => this.later(process, at, then),
      tell: (event) => this.tell(event),
      witness: setting.observer
    })
    this.state = make(setting.tree, setting.seed)
    for (const injection of setting.injections) {
      this.due(injection.at, () => void (this.isCalm || this.inject(injection)), this.fates.tie(JSON.stringify(injection), 0))
    }
  }

  /** Goes on until this moment, or until the tree has ended, or nothing more can happen. */
  until(end: number): void {
    while (this.ended === undefined) {
      const next = this.agenda.first
      const wake = this.wakes.first
      const ringsAt = wake === undefined ? Number.POSITIVE_INFINITY : Math.max(wake.at - this.jumped, this.now, this.hearing.deafUntil)
      const nextAt = next?.at ?? Number.POSITIVE_INFINITY
      const rings = ringsAt < nextAt || (ringsAt === nextAt && wake !== undefined && wake.tie < next!.tie)
      const at = rings ? ringsAt : nextAt
      if (at > end || at === Number.POSITIVE_INFINITY) break
      this.now = Math.max(this.now, at)
      if (rings) this.fold(this.wakes.next()!.what)
      else this.happen(this.agenda.next()!.what)
    }
    if (this.ended === undefined) this.now = Math.max(this.now, end)
  }

  /**
   * From here on nothing fails any more: what is out comes back, what hangs is ended, whoever starts is ready at once, and the supervisor
   * gets to run.
   */
  calmDown(): void {
    this.isCalm = true
    this.outages.clear()
    this.goOn()
    for (const process of this.running.values()) {
      if (process.state === "hung") this.ends(process, this.now, KILLED)
      else this.later(process, this.now, () => this.isUseful(process))
    }
  }

  /** The supervisor gets to run. */
  goOn(): void {
    this.hearing.goOn()
  }

  tell(event: Event): void {
    this.hearing.tell(event)
  }

  /** The paths at which a process runs. */
  get left(): ReadonlyArray<string> {
    return [...this.running.keys()]
  }

  private due(at: number, then: () => void, tie: number): void {
    if (Number.isFinite(at)) this.agenda.add(at, tie, { process: undefined, then })
  }

  private happen(what: Due): void {
    if (what.process?.state !== "over") what.then()
  }

  private fold(event: Event): void {
    const actions = step(this.state, event, this.now + this.jumped)
    this.events++
    this.setting.observer.folded({ at: this.state.now, event, actions }, this.now)
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
        const tie = purpose === "retry" ? LAST : this.fates.tie(path, -incarnation)
        return this.wakes.add(action.at, tie, { _tag: "Wake", path, incarnation, purpose })
      }
      case "Finish":
        this.ended = { at: this.now, exit: action.exit }
    }
  }

  // ---------------------------------------------------------------- processes

  private spawn({ path, incarnation, spec: worker }: Extract<Action, { _tag: "Spawn" }>): void {
    const process: Process = { path, incarnation, worker, state: "unborn", plans: 0, silences: 0, silentUntil: undefined }
    this.running.set(path, process)
    this.fates.meet(path, worker)
    this.setting.observer.began(path, worker, this.now)
    this.later(process, this.now, () => this.comeUp(process))
  }

  /** Whoever is ready when it is spawned says so at once, as a live one does: what goes wrong with it afterwards is a crash, no failed start. */
  private comeUp(process: Process): void {
    const { path, incarnation, worker } = process
    const exit = this.outages.exitOf(path, this.now)
    if (exit === REFUSED) return this.end(process, REFUSED)
    process.state = "starting"
    this.tell({ _tag: "Spawned", path, incarnation })
    if (worker.ready.type === "spawned") this.tell({ _tag: "Ready", path, incarnation })
    if (exit !== undefined) return this.ends(process, this.now, exit)
    const useful = this.isCalm ? this.now : this.now + this.fates.lasts(process, "starting")
    if (!this.isCalm && this.fates.failsToStart(process)) this.endsByItself(process, useful)
    else this.later(process, useful, () => this.isUseful(process))
  }

  private isUseful(process: Process): void {
    if (process.state !== "starting") return
    const { path, incarnation, worker } = process
    if (worker.ready.type === "exited") return this.end(process, { _tag: "Code", code: worker.successCodes[0] ?? 0 })
    process.state = "up"
    this.setting.observer.up(path, this.now)
    if (worker.ready.type !== "spawned") this.tell({ _tag: "Ready", path, incarnation })
    this.pauses(process)
    this.endsByItself(process, this.now + this.fates.lasts(process, "lifetime"))
  }

  private endsByItself(process: Process, at: number): void {
    this.later(process, at, () => {
      if (this.isCalm || process.state === "hung") return
      if (this.fates.hangs(process)) this.silences.hang(process)
      else this.end(process, this.fates.exit(process))
    })
  }

  private stop({ path, incarnation, how }: Extract<Action, { _tag: "Stop" }>): void {
    const process = this.running.get(path)
    if (process === undefined || process.incarnation !== incarnation) return
    const isKill = how === "brutalKill" || process.worker.stopSignal === "SIGKILL"
    if (isKill) return this.kill(process, this.now)
    if (how !== "infinity") this.kill(process, this.now + how)
    if (process.state === "hung" || this.fates.of(path).deaf) return
    const exit: Exit = { _tag: "Signal", signal: process.worker.stopSignal }
    const hears = process.silentUntil ?? this.now
    this.later(process, hears + this.fates.lasts(process, "stopping"), () => {
      if (process.state !== "hung") this.end(process, exit)
    })
  }

  /** By the supervisor, as soon as it gets to run. */
  private kill(process: Process, at: number): void {
    const then = (): void => {
      if (process.state === "over") return
      if (this.now < this.hearing.deafUntil) this.kill(process, this.hearing.deafUntil)
      else this.end(process, KILLED)
    }
    this.due(at, then, this.tieOf(process))
  }

  /** Of several ends the first one counts. */
  private ends(process: Process, at: number, exit: Exit): void {
    this.later(process, at, () => this.end(process, exit))
  }

  private end(process: Process, exit: Exit): void {
    const { path, incarnation } = process
    process.state = "over"
    this.running.delete(path)
    this.setting.observer.down(path, this.now)
    this.tell({ _tag: "Exited", path, incarnation, exit })
  }

  /** Again and again, if it behaves so. */
  private pauses(process: Process): void {
    const { every, long } = this.fates.pause(process, process.silences)
    this.later(process, this.now + every, () => {
      if (this.isCalm || process.state === "over") return
      this.silences.pause(process, long)
      this.pauses(process)
    })
  }

  /** For each life by itself, so that what happens to another moves nothing. */
  private tieOf(process: Process): number {
    return this.fates.tie(process.path, process.incarnation * 64 + process.plans++)
  }

  private later(process: Process, at: number, then: () => void): void {
    if (Number.isFinite(at)) this.agenda.add(at, this.tieOf(process), { process, then })
  }

  // ---------------------------------------------------------------- faults

  private inject(injection: Dated): void {
    const until = this.now + ("forMs" in injection ? injection.forMs : 0)
    const concerns = "path" in injection ? (path: string) => this.setting.covers(injection.path, path) : () => false
    switch (injection.type) {
      case "kill":
        return this.everyone(concerns, (process) => this.ends(process, this.now, KILLED))
      case "hang":
        return this.everyone(concerns, (process) => this.silences.hang(process))
      case "pause":
        return this.everyone(concerns, (process) => this.silences.pause(process, injection.forMs))
      case "outage":
        this.outages.add({ concerns, until, exit: CRASHED })
        return this.everyone(concerns, (process) => this.ends(process, this.now, CRASHED))
      case "hint":
        return this.fates.paths.filter(concerns).forEach((path) => void this.tell({ _tag: "Hint", path }))
      case "spawnErrors":
        return this.outages.add({ concerns, until, exit: REFUSED })
      case "swizzle":
        return this.swizzle(concerns, injection.forMs)
      case "suspend":
        return this.suspend(until)
      case "stall":
        return this.hearing.stall(until)
      case "clockJump":
        this.jumped += injection.byMs
    }
  }

  private everyone(concerns: Concerns, what: (process: Process) => void): void {
    for (const process of [...this.running.values()]) if (process.state !== "unborn" && concerns(process.path)) what(process)
  }

  /** Nobody gets older, and nobody is of use. */
  private suspend(until: number): void {
    const longer = until - Math.max(this.now, this.pausedUntil)
    if (longer <= 0) return
    this.agenda.postpone(longer, ({ process }) => process !== undefined)
    this.pausedUntil = until
    this.hearing.stall(until)
    for (const process of this.running.values()) {
      if (process.state !== "up") continue
      this.setting.observer.down(process.path, this.now)
      const wakes = (): boolean => process.state === "up" && this.now >= this.pausedUntil
      this.due(until, () => void (wakes() && this.setting.observer.up(process.path, this.now)), FIRST)
    }
  }

  /** In the first half of the time they go, in the second half they come back. */
  private swizzle(concerns: Concerns, forMs: number): void {
    const half = Math.floor(forMs / 2)
    for (const path of this.fates.paths.filter(concerns)) {
      const from = this.now + this.fates.moment(path, "goes", this.now, half)
      const until = this.now + half + this.fates.moment(path, "comes", this.now, half)
      const goes = (): void => {
        if (this.isCalm) return
        this.outages.addOne(path, until, CRASHED)
        const process = this.running.get(path)
        if (process !== undefined && process.state !== "unborn") this.ends(process, this.now, CRASHED)
      }
      this.due(from, goes, this.fates.tie(path, -1))
    }
  }
}
