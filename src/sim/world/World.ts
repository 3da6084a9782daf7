/**
 * An invented world around the core: its processes start, end, hang and hear signals as their fates have it; its faults come when they are due;
 * its clock is a number. Nothing is started, and an hour takes milliseconds.
 *
 * What happens to a process and what the core hears of it are two things: a supervisor that is stalled hears later.
 */
import type { Action } from "../../core/Action.ts"
import type { Event, Life } from "../../core/Event.ts"
import type { Exit } from "../../core/Exit.ts"
import type { Moment } from "../../core/Moment.ts"
import type { TreeState } from "../../core/State.ts"
import { make, step } from "../../core/Tree.ts"
import type { Tree, Worker } from "../../spec/Spec.ts"
import { Agenda } from "./Agenda.ts"
import type { Fates } from "./Fates.ts"
import type { Dated } from "./Injection.ts"

/** Hears of everything, in order. */
export interface Witness {
  /** A process of this worker is there. */
  readonly began: (path: string, worker: Worker, at: number) => void
  /** It is ready, and of use. */
  readonly up: (path: string, at: number) => void
  /** It has ended, or hangs. */
  readonly down: (path: string, at: number) => void
  /** `at`: by the world's clock; the moment's own is the core's, which may have jumped. */
  readonly folded: (moment: Moment, at: number) => void
}

interface Setting {
  readonly tree: Tree
  readonly seed: number
  readonly fates: Fates
  readonly injections: ReadonlyArray<Dated>
  /** Whom an injection with this path concerns. */
  readonly covers: (pattern: string, path: string) => boolean
  readonly witness: Witness
}

/** One life in the invented world. */
interface Process extends Life {
  readonly worker: Worker
  state: "starting" | "up" | "hung" | "over"
}

type Due =
  /** Happens to a process, if it still lives: not while everything is paused. */
  { readonly type: "process"; readonly process: Process; readonly then: () => void } | { readonly type: "world"; readonly then: () => void }

/** Whose starts fail, until when, and how. */
interface Outage {
  readonly concerns: (path: string) => boolean
  readonly until: number
  readonly exit: Exit
}

/** Later than everything else at the same moment: what the core wants to do behind what has happened already. */
const LAST = 2
const CRASHED: Exit = { _tag: "Code", code: 1 }
const KILLED: Exit = { _tag: "Signal", signal: "SIGKILL" }
const REFUSED: Exit = { _tag: "NotStarted", errno: "EAGAIN", message: "Resource temporarily unavailable" }

export class World {
  readonly state: TreeState
  now = 0
  /** How many events the core has folded. */
  events = 0
  ended: { readonly at: number; readonly exit: Exit } | undefined
  private readonly setting: Setting
  private readonly fates: Fates
  private readonly agenda = new Agenda<Due>()
  /** By the core's clock, which may jump. */
  private readonly wakes = new Agenda<Event>()
  private readonly running = new Map<string, Process>()
  private outages: Array<Outage> = []
  private ties = 0
  private jumped = 0
  private stalledUntil = 0
  private isCalm = false

  constructor(setting: Setting) {
    this.setting = setting
    this.fates = setting.fates
    this.state = make(setting.tree, setting.seed)
    for (const injection of setting.injections) this.due(injection.at, () => void (this.isCalm || this.inject(injection)))
  }

  /** Goes on until this moment, or until the tree has ended, or nothing more can happen. */
  until(end: number): void {
    while (this.ended === undefined) {
      const next = this.agenda.first
      const wake = this.wakes.first
      const ringsAt = wake === undefined ? Number.POSITIVE_INFINITY : Math.max(wake.at - this.jumped, this.now, this.stalledUntil)
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

  /** From here on nothing fails any more: what is out comes back, what hangs is ended, and whoever starts is ready at once. */
  calmDown(): void {
    this.isCalm = true
    this.outages = []
    for (const process of this.running.values()) {
      if (process.state === "hung") this.ends(process, this.now, KILLED)
      else this.later(process, this.now, () => this.isReady(process))
    }
  }

  /** The core hears of it: now, or when the supervisor gets to run again; then in this order, and before anything that is due by then. */
  tell(event: Event): void {
    if (this.now >= this.stalledUntil) this.fold(event)
    else this.due(this.stalledUntil, () => this.fold(event), -1 + this.ties++ * 1e-12)
  }

  /** The paths at which a process runs. */
  get left(): ReadonlyArray<string> {
    return [...this.running.keys()]
  }

  private due(at: number, then: () => void, tie = this.fates.tie(this.ties++)): void {
    if (Number.isFinite(at)) this.agenda.add(at, tie, { type: "world", then })
  }

  private happen(what: Due): void {
    if (what.type === "world" || what.process.state !== "over") what.then()
  }

  private fold(event: Event): void {
    const actions = step(this.state, event, this.now + this.jumped)
    this.events++
    this.setting.witness.folded({ at: this.state.now, event, actions }, this.now)
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
        const tie = purpose === "retry" ? LAST : this.fates.tie(this.ties++)
        return this.wakes.add(action.at, tie, { _tag: "Wake", path, incarnation, purpose })
      }
      case "Finish":
        this.ended = { at: this.now, exit: action.exit }
    }
  }

  // ---------------------------------------------------------------- processes

  private spawn({ path, incarnation, spec: worker }: Extract<Action, { _tag: "Spawn" }>): void {
    const process: Process = { path, incarnation, worker, state: "starting" }
    this.running.set(path, process)
    this.fates.meet(path, worker)
    this.setting.witness.began(path, worker, this.now)
    const outage = this.outages.find(({ concerns, until }) => until > this.now && concerns(path))
    if (outage !== undefined) return this.ends(process, this.now, outage.exit)
    this.later(process, this.now, () => {
      this.tell({ _tag: "Spawned", path, incarnation })
      this.comeUp(process)
    })
  }

  private comeUp(process: Process): void {
    const ready = this.isCalm ? this.now : this.now + this.fates.lasts(process, "starting")
    if (!this.isCalm && this.fates.failsToStart(process)) this.endsByItself(process, ready)
    else this.later(process, ready, () => this.isReady(process))
  }

  private isReady(process: Process): void {
    if (process.state !== "starting") return
    const { path, incarnation, worker } = process
    if (worker.ready.type === "exited") return this.end(process, { _tag: "Code", code: worker.successCodes[0] ?? 0 })
    process.state = "up"
    this.setting.witness.up(path, this.now)
    this.tell({ _tag: "Ready", path, incarnation })
    this.endsByItself(process, this.now + this.fates.lasts(process, "lifetime"))
  }

  private endsByItself(process: Process, at: number): void {
    this.later(process, at, () => {
      if (this.isCalm || process.state === "hung") return
      if (this.fates.hangs(process)) this.hang(process)
      else this.end(process, this.fates.exit(process))
    })
  }

  private stop({ path, incarnation, how }: Extract<Action, { _tag: "Stop" }>): void {
    const process = this.running.get(path)
    if (process === undefined || process.incarnation !== incarnation) return
    const killedAt = how === "brutalKill" ? this.now : how === "infinity" ? Number.POSITIVE_INFINITY : this.now + how
    const isDeaf = process.state === "hung" || this.fates.of(path).deaf
    const endsAt = isDeaf ? Number.POSITIVE_INFINITY : this.now + this.fates.lasts(process, "stopping")
    if (endsAt < killedAt) this.ends(process, endsAt, { _tag: "Signal", signal: process.worker.stopSignal })
    else this.ends(process, killedAt, KILLED)
  }

  /** Of several ends the first one counts. */
  private ends(process: Process, at: number, exit: Exit): void {
    this.later(process, at, () => this.end(process, exit))
  }

  private end(process: Process, exit: Exit): void {
    const { path, incarnation } = process
    process.state = "over"
    this.running.delete(path)
    this.setting.witness.down(path, this.now)
    this.tell({ _tag: "Exited", path, incarnation, exit })
  }

  private hang(process: Process): void {
    process.state = "hung"
    this.setting.witness.down(process.path, this.now)
  }

  private later(process: Process, at: number, then: () => void): void {
    if (Number.isFinite(at)) this.agenda.add(at, this.fates.tie(this.ties++), { type: "process", process, then })
  }

  // ---------------------------------------------------------------- faults

  private inject(injection: Dated): void {
    const until = this.now + ("forMs" in injection ? injection.forMs : 0)
    const concerns = "path" in injection ? (path: string) => this.setting.covers(injection.path, path) : () => false
    switch (injection.type) {
      case "kill":
        return this.everyone(concerns, (process) => this.ends(process, this.now, KILLED))
      case "hang":
        return this.everyone(concerns, (process) => this.hang(process))
      case "outage":
        return this.fall({ concerns, until, exit: CRASHED })
      case "spawnErrors":
        return void this.outages.push({ concerns, until, exit: REFUSED })
      case "swizzle":
        return this.swizzle(concerns, injection.forMs)
      case "suspend":
        this.agenda.postpone(injection.forMs, ({ type }) => type === "process")
        this.stalledUntil = Math.max(this.stalledUntil, until)
        return
      case "stall":
        this.stalledUntil = Math.max(this.stalledUntil, until)
        return
      case "clockJump":
        this.jumped += injection.byMs
    }
  }

  private everyone(concerns: Outage["concerns"], what: (process: Process) => void): void {
    for (const process of [...this.running.values()]) if (concerns(process.path)) what(process)
  }

  private fall(outage: Outage): void {
    this.outages = [...this.outages.filter(({ until }) => until > this.now), outage]
    this.everyone(outage.concerns, (process) => this.ends(process, this.now, outage.exit))
  }

  /** In the first half of the time they go, in the second half they come back. */
  private swizzle(concerns: Outage["concerns"], forMs: number): void {
    const half = Math.floor(forMs / 2)
    for (const path of this.fates.paths.filter(concerns)) {
      const from = this.now + this.fates.moment(path, "goes", this.now, half)
      const until = this.now + half + this.fates.moment(path, "comes", this.now, half)
      this.due(from, () => void (this.isCalm || this.fall({ concerns: (other) => other === path, until, exit: CRASHED })))
    }
  }
}
