/**
 * Makes our core behave like OTP's processes.
 *
 * OTP's supervisors are processes that block: while one starts or stops a child, it reads only the answer to that from
 * its mailbox. Ours never block. So each supervisor here has a mailbox, and what arrives while it is busy waits there,
 * except the answer to what it is doing. Messages between supervisors also go that way: the driver takes them out of
 * the tree's own queue.
 *
 * The children are simulated: they start, fail, stop or hang as the scenario says.
 */
import type { Action } from "../../src/core/Action.ts"
import type { Event, Incarnation } from "../../src/core/Event.ts"
import type { Exit } from "../../src/core/Exit.ts"
import { idOf, parentOf } from "../../src/core/Path.ts"
import { type Internal, isPool, type SupervisorState, type TreeState } from "../../src/core/State.ts"
import type { Child } from "../../src/tree/Spec.ts"
import { Chronicle, exitOf } from "./Chronicle.ts"
import { type Asked, behaviourIn, requestOf, termOfAnswer } from "./calls.ts"
import { EventQueue } from "./EventQueue.ts"
import { LeftOut } from "./leftOut.ts"
import { keyOf, Names } from "./Names.ts"
import type { CallStep, ChildScript, Scenario, StartScript, Term } from "./scenario.ts"
import { ROOT, scriptOf, shown, treeOf } from "./specs.ts"

export type Core = Pick<typeof import("../../src/core/Machine.ts"), "make" | "step">

/** More messages than any scenario needs: a broken core may loop for ever. */
const MESSAGES_MAX = 100_000

type Message = Event | Internal
/** What a step caused, including messages between supervisors. */
type Deed = Action | { readonly _tag: "Message"; readonly message: Message }

/** The last process at a path. A supervisor's is alive as long as the core has it. */
interface Process extends Incarnation {
  readonly spec: Child
  readonly script: ChildScript
  alive: boolean
}

interface Retry {
  readonly to: Incarnation
  readonly wake: Extract<Event, { readonly _tag: "Wake" }>
}

export class Driver {
  readonly tree: TreeState
  readonly names = new Names()
  readonly chronicle: Chronicle
  private readonly core: Core
  private readonly queue = new EventQueue<Message>()
  /** Messages between supervisors, in order. In the tree they come before anything else, and so they do here. */
  private readonly told: Array<Message> = []
  private readonly manual: boolean
  private readonly processes = new Map<string, Process>()
  /** What arrived while a supervisor was busy, by its path. */
  private readonly mailboxes = new Map<string, Array<Message>>()
  private readonly suspended = new Set<string>()
  private heldBack: Array<Retry> = []
  private readonly asked = new Map<number, Asked>()
  private readonly answers = new Map<number, Term>()
  private readonly info = new Set<string>()
  /** How many instances of a pool were requested, by the oracle's path. */
  private readonly numbers = new Map<string, number>()
  /** Pools in which OTP miscounts from now on. */
  private readonly miscounted = new Set<string>()
  private folding: Message | undefined
  private settled = 0
  private gone: { told: boolean } | undefined

  constructor(core: Core, { root, retry = "auto" }: Scenario) {
    this.core = core
    this.manual = retry === "manual"
    this.tree = core.make(treeOf(root))
    this.chronicle = new Chronicle(this.tree, this.names)
    const { mailbox } = this.tree
    mailbox.push = (...messages) => {
      for (const message of messages) {
        if (message === this.folding) mailbox[mailbox.length] = message
        else (this.tree.actions as Array<Deed>).push({ _tag: "Message", message })
      }
      return mailbox.length
    }
  }

  get now(): number {
    return this.queue.now
  }

  advance(ms: number): void {
    this.queue.now += ms
  }

  boot(): void {
    const root = { path: `/${ROOT}`, incarnation: 1 }
    this.chronicle.attempted(root, this.tree.root)
    this.chronicle.log("sup_init", { c: this.names.pid(root) })
    this.fold({ _tag: "Boot" })
    this.settle()
  }

  // ---------------------------------------------------------------- messages

  /** Runs until nothing is left to do. What is in a mailbox comes before what is still to arrive, as it has waited. */
  private settle(): void {
    for (;;) {
      if (++this.settled > MESSAGES_MAX) throw new Error("does not come to rest")
      const [path, mailbox] = [...this.mailboxes].find(([path, mail]) => mail.length > 0 && !this.isBusy(this.supervisor(path)!)) ?? []
      const told = this.told.shift()
      if (told !== undefined) this.deliver(told)
      else if (mailbox !== undefined) this.receive(this.supervisor(path!)!, mailbox.shift()!)
      else {
        const next = this.queue.next()
        if (next === undefined) return
        this.deliver(next)
      }
    }
  }

  private deliver(message: Message): void {
    if (message._tag === "Init") return this.init(message)
    const path = addressee(message)
    const sup = this.supervisor(path)
    if (sup === undefined) return
    if (this.isBusy(sup) && (this.suspended.has(path) || !this.isAwaited(sup, message))) this.mailbox(path).push(message)
    else this.receive(sup, message)
  }

  private isBusy = (sup: SupervisorState): boolean =>
    this.suspended.has(sup.path) || sup.mode !== "running" || sup.toStop.size > 0 || sup.toStart.size > 0

  /** The answer that a busy supervisor waits for: how a start went, or that what it stops has ended. */
  private isAwaited(sup: SupervisorState, message: Message): boolean {
    if (message._tag === "Ready" || message._tag === "Declined") return true
    if (message._tag !== "Exited") return false
    const child = sup.children.get(idOf(message.path))
    return child?.record.incarnation === message.incarnation && (child.phase === "starting" || child.phase === "stopping")
  }

  private receive(sup: SupervisorState, message: Message): void {
    if (message._tag === "Call") return this.call(sup, message)
    if (message._tag === "Wake") this.retried(sup, message)
    this.fold(message)
  }

  /** One step of the core, in whole seconds, as OTP counts. */
  private fold(message: Message): void {
    this.folding = message
    const now = Math.floor(this.now / 1000) * 1000
    for (const deed of this.core.step(this.tree, message as Event, now) as ReadonlyArray<Deed>) this.perform(deed)
  }

  private perform(deed: Deed): void {
    switch (deed._tag) {
      case "News":
        this.chronicle.tell(deed.news)
        if (deed.news._tag === "Ended") this.ended(deed.news, deed.news.exit)
        return
      case "Spawn":
        return this.start({ path: deed.path, incarnation: deed.incarnation }, deed.spec, behaviourIn(deed.argv))
      case "Stop":
        return this.stopWorker(deed)
      case "Wake":
        return this.retryLater(deed)
      case "Reply":
        return void this.answers.set(
          deed.ticket,
          termOfAnswer(this.asked.get(deed.ticket)!, deed.answer, this.names, this.chronicle, this.extra)
        )
      case "Finish":
        if (deed.booted) this.gone = { told: false }
        return
      case "Message":
        return this.pass(deed.message)
    }
  }

  /** A message from one supervisor to another. */
  private pass(message: Message): void {
    switch (message._tag) {
      case "KillSupervisor":
        throw new LeftOut("killed supervisor")
      case "StopSupervisor":
        if (this.supervisor(message.path) === undefined) return this.takeOut(message)
        break
      case "Ready":
        this.chronicle.succeeded(message)
        break
      case "Exited":
        this.ended(message, message.exit)
        return void this.told.push({ ...message, exit: this.exitSeen(message, message.exit) })
    }
    this.told.push(message)
  }

  /** Its exit is already in the mailbox: it is the answer to the stop. */
  private takeOut({ path, incarnation }: Incarnation): void {
    const mailbox = this.mailbox(parentOf(path))
    const at = mailbox.findIndex((mail) => mail._tag === "Exited" && mail.path === path && mail.incarnation === incarnation)
    if (at >= 0) this.queue.add(mailbox.splice(at, 1)[0]!)
  }

  private mailbox(path: string): Array<Message> {
    const known = this.mailboxes.get(path) ?? []
    this.mailboxes.set(path, known)
    return known
  }

  // ---------------------------------------------------------------- supervisors

  /** By our path. */
  supervisor = (path: string): SupervisorState | undefined => this.tree.supervisors.get(path)

  private init(init: Extract<Internal, { readonly _tag: "Init" }>): void {
    const { path, incarnation, spec } = init
    const life = { path, incarnation }
    const script = { ...scriptOf(spec), ...behaviourIn(this.tree.children.get(path)!.argv) }
    this.chronicle.attempted(life, spec)
    const does = doing(script, incarnation)
    if (does === "error" || does === "ignore") return this.failed(life, spec, does)
    this.chronicle.log("sup_init", { c: this.names.pid(life) })
    this.processes.set(path, { ...life, spec, script, alive: true })
    this.fold(init)
  }

  private ended(of: Incarnation, exit: Exit): void {
    this.chronicle.ended(of, exit)
    for (const mail of this.mailbox(of.path)) {
      if (mail._tag === "Call") this.answers.set(mail.ticket, ["exit", this.chronicle.termOf(of, exit)])
    }
    this.mailboxes.delete(of.path)
  }

  /** The test may have stopped it with a reason that our core has no word for. */
  private exitSeen(of: Incarnation, exit: Exit): Exit {
    return exit._tag === "Shutdown" ? exitOf(this.chronicle.termOf(of, exit), "supervisor") : exit
  }

  stopSupervisor({ path, incarnation }: Incarnation, why: Term): void {
    this.chronicle.endsWith({ path, incarnation }, why)
    this.queue.add(path === `/${ROOT}` ? { _tag: "Stop" } : { _tag: "StopSupervisor", path, incarnation })
    this.settle()
  }

  suspend(path: string): void {
    this.suspended.add(path)
  }

  resume(path: string): void {
    this.suspended.delete(path)
    this.settle()
  }

  /** Called once, when the root is gone. */
  hasJustGone(): boolean {
    if (this.gone === undefined || this.gone.told) return false
    return (this.gone.told = true)
  }

  // ---------------------------------------------------------------- retries

  /** The supervisor sends it to itself, so it comes after what is in its mailbox. */
  private retryLater({ path, incarnation, purpose }: Extract<Action, { readonly _tag: "Wake" }>): void {
    const wake: Retry["wake"] = { _tag: "Wake", path, incarnation, purpose }
    const sup = this.supervisor(parentOf(path))!
    if (this.manual) this.heldBack.push({ to: { path: sup.path, incarnation: sup.incarnation }, wake })
    else this.mailbox(sup.path).push(wake)
  }

  /** Delivers the deferred retries, oldest first; returns how many. */
  retry(all: boolean): number {
    const due = this.heldBack.splice(0, all ? this.heldBack.length : 1)
    for (const { to, wake } of due) {
      if (this.supervisor(to.path)?.incarnation === to.incarnation) this.queue.add(wake)
      this.settle()
    }
    return due.length
  }

  private retried(sup: SupervisorState, { path, incarnation }: Incarnation): void {
    const lastUp = { path, incarnation: this.chronicle.lastUp(path) }
    this.chronicle.log("retry", { sup: this.names.theirs(sup.path), c: isPool(sup) ? this.names.pid(lastUp) : idOf(path) })
    const child = sup.children.get(idOf(path))
    if (child?.phase === "restarting" && child.record.incarnation !== incarnation) throw new LeftOut("stale retry")
  }

  // ---------------------------------------------------------------- workers

  private start(life: Incarnation, spec: Child, behaviour: Partial<ChildScript>): void {
    const script = { ...scriptOf(spec), ...behaviour }
    this.chronicle.attempted(life, spec)
    const does = doing(script, life.incarnation)
    if (does === "ignore" || does === "error" || does === "raise" || does === "bad") return this.failed(life, spec, does)
    this.chronicle.succeeded(life)
    if (does === "ok_info") this.info.add(keyOf(life))
    this.processes.set(life.path, { ...life, spec, script, alive: true })
    this.queue.add({ _tag: "Ready", ...life })
    if (typeof does === "string") return
    // It is dead before its start function returns: its exit is in the mailbox before anything else is read.
    this.mailbox(parentOf(life.path)).push(this.exit(this.processes.get(life.path)!, does[1]))
  }

  private extra = (path: string): ReadonlyArray<Term> => (this.info.has(keyOf(this.processes.get(path)!)) ? ["info"] : [])

  private failed(life: Incarnation, spec: Child, does: "ignore" | "error" | "raise" | "bad"): void {
    const c = this.names.pid(life)
    if (does === "ignore") {
      const pool = this.supervisor(parentOf(life.path))!
      if (isPool(pool) && this.chronicle.lastUp(life.path) > 0) throw new LeftOut("OTP 25 bug: ignored restart")
      this.chronicle.log("start", { c, r: "ignore" })
      return this.queue.add({ _tag: "Declined", ...life })
    }
    this.chronicle.log("start", { c, r: "error" })
    const term = { error: "boom", raise: ["EXIT", "boom"], bad: "garbage" }[does]
    this.chronicle.endsWith(life, term)
    this.queue.add({ _tag: "Exited", ...life, exit: exitOf(term, spec.type) })
  }

  /** It is ordered to stop. How long it takes is the only thing that moves the clock by itself. */
  private stopWorker({ path, incarnation, how }: Extract<Action, { readonly _tag: "Stop" }>): void {
    const worker = this.processes.get(path)
    if (worker?.incarnation !== incarnation || !worker.alive) return this.takeOut({ path, incarnation })
    const { stop = "obey" } = worker.script
    if (how === "brutalKill") return this.queue.add(this.exit(worker, "killed"))
    if (stop === "obey") return this.queue.add(this.exit(worker, "shutdown"))
    if (stop[0] === "exit") return this.queue.add(this.exit(worker, stop[1] as Term))
    const limit = how === "infinity" ? Number.POSITIVE_INFINITY : how
    const takes = stop[0] === "delay" ? Number(stop[1]) : Number.POSITIVE_INFINITY
    // The oracle's own limit: in OTP this would hang.
    if (Math.min(takes, limit) === Number.POSITIVE_INFINITY) return this.queue.add(this.exit(worker, ["case_clause", "ignore"]))
    if (takes < limit) this.queue.add(this.exit(worker, "shutdown"), takes)
    else this.queue.add(this.exit(worker, "killed"), limit)
  }

  private exit(worker: Process, why: Term): Message {
    worker.alive = false
    const { path, incarnation, spec } = worker
    this.chronicle.endsWith({ path, incarnation }, why)
    return { _tag: "Exited", path, incarnation, exit: exitOf(why, spec.type) }
  }

  /** From outside: the process at the oracle's path ends with this reason. */
  end(theirs: string, why: Term): void {
    const path = this.names.ours(theirs)
    const sup = this.supervisor(path)
    const worker = this.processes.get(path)
    if (sup !== undefined) {
      if (why === "kill") throw new LeftOut("killed supervisor")
      this.stopSupervisor(sup, why)
    } else if (worker?.alive && worker.spec.type === "worker") {
      this.queue.add(this.exit(worker, why === "kill" ? "killed" : why))
      this.settle()
    } else this.chronicle.log("noop", { c: theirs })
  }

  // ---------------------------------------------------------------- calls

  /** Sends it; the answer may come later. */
  ask(path: string, step: CallStep): number {
    const ticket = this.asked.size + 1
    const sup = this.supervisor(path)!
    if (step.op === (isPool(sup) ? "start_child" : "start_dynamic")) throw new LeftOut("invalid spec")
    this.asked.set(ticket, { step, path, isPool: isPool(sup), ...this.meant(path, step) })
    this.queue.add({ _tag: "Call", path, ticket, request: { _tag: "whichChildren" } })
    this.settle()
    return ticket
  }

  answer = (ticket: number): Term => {
    const answer = this.answers.get(ticket)
    if (answer === undefined) throw new Error(`no answer to ${JSON.stringify(this.asked.get(ticket))}`)
    return answer
  }

  /** Which instance, and which incarnation of it: numbers are assigned, and pids looked up, when the call is sent. */
  private meant(path: string, step: CallStep): Pick<Asked, "instance" | "number"> {
    const theirs = this.names.theirs(path)
    if (step.op === "start_dynamic") {
      const number = (this.numbers.get(theirs) ?? 0) + 1
      this.numbers.set(theirs, number)
      return { number }
    }
    if (!("id" in step) || !step.id.startsWith("#")) return {}
    const instance = this.names.ours(theirs === "/" ? `/${step.id}` : `${theirs}/${step.id}`)
    return { instance: { path: instance, incarnation: this.processes.get(instance)?.incarnation ?? 0 } }
  }

  private call(sup: SupervisorState, { path, ticket }: Extract<Event, { readonly _tag: "Call" }>): void {
    const asked = this.asked.get(ticket)!
    const { step, instance, number } = asked
    if (number !== undefined) this.names.instance(`${path}/${sup.record.instances + 1}`, number)
    const child = instance === undefined ? undefined : sup.children.get(idOf(instance.path))
    if (isPool(sup) && instance !== undefined) {
      // The pid of an earlier or ended incarnation matches no child: OTP accepts it, and returns the only spec there
      // is.
      const means = child !== undefined && this.chronicle.lastUp(instance.path) === instance.incarnation
      if (step.op === "terminate_child" && !means) return void this.answers.set(ticket, "ok")
      if (step.op === "terminate_child" && child!.phase === "restarting") this.miscounted.add(keyOf(sup))
      if (step.op === "get_childspec" && !means && sup.spec.type === "pool")
        return void this.answers.set(ticket, ["ok", shown(sup.spec.child)])
    }
    if (step.op === "count_children" && this.miscounted.has(keyOf(sup))) throw new LeftOut("OTP bug: active -1")
    this.fold({ _tag: "Call", path, ticket, request: requestOf(asked) })
    if (step.op === "count_children" && !isPool(sup)) this.lessDead(ticket, path)
  }

  /** OTP's lists count processes that are alive: one whose exit is still in the mailbox is not. */
  private lessDead(ticket: number, path: string): void {
    const { active, ...rest } = this.answers.get(ticket) as { readonly active: number }
    const dead = this.mailbox(path).filter((mail) => mail._tag === "Exited").length
    this.answers.set(ticket, { ...rest, active: active - dead })
  }
}

const doing = ({ starts, then = "ok" }: ChildScript, n: number): StartScript => starts?.[n - 1] ?? then

/** The supervisor that a message goes to. */
function addressee(message: Exclude<Message, { readonly _tag: "Init" }>): string {
  switch (message._tag) {
    case "Boot":
    case "Stop":
    case "Kill":
    case "Admit":
      return `/${ROOT}`
    case "Call":
    case "StopSupervisor":
    case "KillSupervisor":
      return message.path
    case "Spawned":
    case "Blocked":
    case "Ready":
    case "Declined":
    case "Exited":
    case "Suspected":
    case "Cleared":
    case "Convicted":
    case "Health":
    case "Notified":
    case "Hint":
    case "Wake":
      return parentOf(message.path)
  }
}
