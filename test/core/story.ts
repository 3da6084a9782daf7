/**
 * Runs a story against the core and writes down what happens.
 *
 * A story is a tree in a short notation, then commands to a simulated world, each followed by what the core did. By
 * default a process that is spawned is ready at once, and ends at once when it is stopped.
 *
 *   boot, boot quietly             the root comes up; quietly: its output is left out
 *   slow a, stubborn a             from now on `a` is ready only by `ready a`, or does not end when it is stopped
 *   missed 2s                      the supervisor did not run for this time before the next start timeout
 *   queued a                       its process runs only by `spawned a`
 *   odd a 3                        when it is stopped it ends with this code
 *   exit a 1 strays=7,8            it ends with this code, and with it processes that had left its group
 *   fail a 2, decline a            its next starts fail, or find nothing to run
 *
 *   root RestForOne 2/10s          a supervisor: strategy, intensity/period, autoShutdown, boot=retry, together=n,
 *                                  failChild, retry=1m (onIntensity and retryAfter)
 *                                  breaker=failures/within, gate=rate/burst/starting; root: gate
 *     a                            a worker: restart type, significant, exited (ready by exiting),
 *                                  codes=0,3,SIGTERM (successes), shutdown=…, backoff=…, cap=…,
 *                                  adaptive=min/max/halfLife, startTimeout=…,
 *                                  beats=every/hangAfter, needs=a,b, checked=interval/timeout (we check its readiness)
 *     p pool=2                     a pool (max=…) and, one step further in, its child
 */

import type { Action } from "../../src/core/Action.ts"
import { checkState } from "../../src/core/checkState.ts"
import type { Event, Incarnation, Purpose, Request } from "../../src/core/Event.ts"
import type { Exit } from "../../src/core/Exit.ts"
import * as real from "../../src/core/Machine.ts"
import { idOf, parentOf } from "../../src/core/Path.ts"
import { sayExit, sayNews, sayPending, sayRefusal } from "../../src/core/Sentence.ts"
import type { NodeSnapshot } from "../../src/core/Snapshot.ts"
import * as realViews from "../../src/core/Snapshot.ts"
import type { TreeState } from "../../src/core/State.ts"
import { parseDuration } from "../../src/tree/duration.ts"
import type { Backoff, Breaker, StartGate } from "../../src/tree/Pacing.ts"
import type { Child, ChildCommon, Restart, Signal, Tree } from "../../src/tree/Spec.ts"
import type { Core } from "./soak/run.ts"
import { workerOf } from "./workerOf.ts"

/** A broken core may loop for ever. */
const EVENTS_PER_COMMAND_MAX = 10_000

/** What a story asks about a tree: `look` and `health`. */
type Views = Pick<typeof realViews, "snapshot" | "snapshotOf">

export function tellStory(story: string, core: Core = real, views: Views = realViews): string {
  const [notation, ...commands] = split(story)
  const world = new World(core, views, parseTree(notation!) as Tree)
  const outcomes = commands.map((command) => [`> ${command}`, ...world.run(command)].join("\n"))
  return [...notation!, "", ...outcomes].join("\n")
}

/** The tree, then the commands, without what an earlier run wrote. */
function split(story: string): [Array<string>, ...Array<string>] {
  const lines = story.split("\n").filter((line) => line.trim() !== "")
  const first = lines.findIndex((line) => line.startsWith("> "))
  return [
    lines.slice(0, first),
    ...lines
      .slice(first)
      .filter((line) => line.startsWith("> "))
      .map((line) => line.slice(2))
  ]
}

const signalDetails: { readonly [word: string]: Partial<Extract<Exit, { _tag: "Signal" }>> } = {
  dumped: { dumped: true },
  "group-memory": { outOfMemory: "group" },
  "machine-memory": { outOfMemory: "machine" }
}

class World {
  readonly core: Core
  readonly views: Views
  readonly tree: TreeState
  now = 0
  lines: Array<string> = []
  tickets = 0
  /** For the next start timeout. */
  missedMs = 0
  readonly running = new Map<string, Incarnation>()
  readonly wakes: Array<Extract<Action, { _tag: "Wake" }>> = []
  readonly inbox: Array<Event> = []
  readonly behaviours = { slow: new Set<string>(), stubborn: new Set<string>(), queued: new Set<string>() }
  /** By path: the code with which it ends when it is stopped. */
  readonly stopCodes = new Map<string, number>()
  /** By path: what its next starts will do. */
  readonly nextStarts = new Map<string, Array<"fail" | "decline">>()

  constructor(core: Core, views: Views, root: Tree) {
    this.core = core
    this.views = views
    this.tree = core.make(root)
  }

  run(command: string): ReadonlyArray<string> {
    this.lines = []
    if (command === "boot quietly") {
      this.act("boot", "", [])
      return []
    }
    const [verb = "", subject = "", ...rest] = command.split(" ")
    const path = this.pathOf(subject)
    this.act(verb, path, rest)
    return this.lines
  }

  act(verb: string, path: string, rest: ReadonlyArray<string>): void {
    switch (verb) {
      case "boot":
        return this.send({ _tag: "Boot" })
      case "stop":
        return this.send({ _tag: "Stop" })
      case "kill":
        return this.send({ _tag: "Kill" })
      case "missed":
        this.missedMs = parseDuration(path)!
        return
      case "after":
        return this.pass(parseDuration(path)!)
      case "slow":
      case "stubborn":
      case "queued":
        return void this.behaviours[verb].add(path)
      case "odd":
        return void this.stopCodes.set(path, Number(rest[0]))
      case "fail":
      case "decline":
        return void this.nextStarts.set(path, [...(this.nextStarts.get(path) ?? []), ...Array(Number(rest[0] ?? 1)).fill(verb)])
      case "spawned":
        return this.send({ _tag: "Spawned", ...this.incarnationOf(path) })
      case "ready":
        return this.send({ _tag: "Ready", ...this.incarnationOf(path) })
      case "exit":
        return this.exit(path, { _tag: "Code", code: Number(rest[0]) }, rest[1]?.replace("strays=", "").split(",").map(Number))
      case "signal":
        return this.exit(path, { _tag: "Signal", signal: rest[0]!, ...signalDetails[rest[1] ?? "plain"] })
      case "lose":
        return this.exit(path, { _tag: "Lost" })
      case "suspect":
        return this.send({
          _tag: "Suspected",
          ...this.incarnationOf(path),
          silence: { phi: 3.2, silenceMs: 1500, everyMs: 1000, evidence: "" }
        })
      case "clear":
        return this.send({ _tag: "Cleared", ...this.incarnationOf(path) })
      case "convict": {
        const exit = { _tag: "Hung", phi: 8.5, silenceMs: 2100, evidence: rest.join(" ") } as const
        return this.send({ _tag: "Convicted", ...this.incarnationOf(path), exit })
      }
      case "unhealthy": {
        const exit = { _tag: "Unhealthy", probe: "http", failures: 3, because: rest.join(" ") } as const
        return this.send({ _tag: "Convicted", ...this.incarnationOf(path), exit })
      }
      case "ail":
        return this.send({ _tag: "Health", ...this.incarnationOf(path), healthy: false, because: rest.join(" ") })
      case "heal":
        return this.send({ _tag: "Health", ...this.incarnationOf(path), healthy: true, because: "" })
      case "say":
        return this.send({ _tag: "Notified", ...this.incarnationOf(path), status: rest.join(" ") })
      case "extend":
        return this.send({ _tag: "Notified", ...this.incarnationOf(path), extendMs: parseDuration(rest[0]!)! })
      case "hint":
        return this.send({ _tag: "Hint", path })
      case "add":
        return this.call(path, { _tag: "startChild", spec: parseTree([rest.join(" ")]) })
      case "more":
        return this.call(path, { _tag: "startInstance", argv: rest })
      case "scale":
        return this.call(path, { _tag: "scale", size: Number(rest[0]) })
      case "which":
        return this.call(path, { _tag: "whichChildren" })
      case "count":
        return this.call(path, { _tag: "countChildren" })
      case "health":
        return void this.lines.push(`    = ${sayHealth(this.views.snapshot(this.tree), path)}`)
      case "look":
        return void this.lines.push(`    = ${sayNode(this.views.snapshotOf(this.tree, path))}`)
      default:
        return this.call(parentOf(path), { _tag: verb, id: idOf(path) } as Request)
    }
  }

  /** `a` is short for `/root/a`. */
  pathOf(subject: string): string {
    return subject.startsWith("/") || /^\d/.test(subject) ? subject : `${this.tree.rootPath}/${subject}`
  }

  incarnationOf(path: string): Incarnation {
    return this.running.get(path) ?? { path, incarnation: 0 }
  }

  exit(path: string, exit: Exit, strays?: ReadonlyArray<number>): void {
    const incarnation = this.incarnationOf(path)
    this.running.delete(path)
    this.send({ _tag: "Exited", path, incarnation: incarnation.incarnation, exit, ...(strays && { strays }) })
  }

  call(path: string, request: Request): void {
    this.send({ _tag: "Call", path, ticket: ++this.tickets, request })
  }

  /** One event, and all events that follow from it at once. */
  send(event: Event): void {
    this.inbox.push(event)
    let events = 0
    for (let next = this.inbox.shift(); next !== undefined; next = this.inbox.shift()) {
      if (++events > EVENTS_PER_COMMAND_MAX) throw new Error("does not come to rest")
      for (const action of this.core.step(this.tree, next, this.now)) this.perform(action)
      const illegal = checkState(this.tree)
      if (illegal !== undefined) this.lines.push(`    illegal: ${illegal}`)
      for (const wake of this.due(this.now)) this.inbox.push(wake)
    }
  }

  due(until: number): ReadonlyArray<Event> {
    const due = this.wakes.filter((wake) => wake.at <= until)
    for (const wake of due) this.wakes.splice(this.wakes.indexOf(wake), 1)
    return due.map(({ path, incarnation, purpose }) => ({ _tag: "Wake", path, incarnation, purpose, ...this.missed(purpose) }))
  }

  missed(purpose: Purpose): { readonly missedMs?: number } {
    if (purpose !== "startTimeout" || this.missedMs === 0) return {}
    const { missedMs } = this
    this.missedMs = 0
    return { missedMs }
  }

  pass(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const at = Math.min(...this.wakes.map((wake) => wake.at))
      if (at > until) break
      this.now = at
      for (const wake of this.due(at)) this.send(wake)
    }
    this.now = until
  }

  perform(action: Action): void {
    switch (action._tag) {
      case "Spawn":
        return this.spawn(action)
      case "Stop":
        if (action.how !== "brutalKill" && this.behaviours.stubborn.has(action.path)) return
        if (this.running.get(action.path)?.incarnation !== action.incarnation) return
        this.running.delete(action.path)
        return void this.inbox.push({ _tag: "Exited", ...incarnationIn(action), exit: this.endOf(action) })
      case "Wake":
        return void this.wakes.push(action)
      case "Reply":
        return void this.lines.push(`    = ${sayAnswer(action.answer)}`)
      case "Finish":
        return void this.lines.push("    the end")
      case "News": {
        const { news } = action
        const name = "incarnation" in news ? `${news.path}#${news.incarnation}` : news.path
        this.lines.push(`  ${`${this.now}ms`.padStart(7)}  ${name.padEnd(14)} ${sayNews(news)}`)
      }
    }
  }

  endOf({ path, how }: Extract<Action, { _tag: "Stop" }>): Exit {
    if (how === "brutalKill") return { _tag: "Signal", signal: "SIGKILL" }
    const code = this.stopCodes.get(path)
    return code === undefined ? { _tag: "Signal", signal: "SIGTERM" } : { _tag: "Code", code }
  }

  spawn(action: Extract<Action, { _tag: "Spawn" }>): void {
    if (action.argv.length > 0) this.lines.push(`    ${action.path}#${action.incarnation} is spawned with ${action.argv.join(" ")}`)
    const outcome = this.nextStarts.get(action.path)?.shift()
    if (outcome === "decline") return void this.inbox.push({ _tag: "Declined", ...incarnationIn(action) })
    if (outcome === "fail") {
      return void this.inbox.push({
        _tag: "Exited",
        ...incarnationIn(action),
        exit: { _tag: "NotStarted", errno: "ENOENT", message: "there is no such command." }
      })
    }
    this.running.set(action.path, incarnationIn(action))
    if (this.behaviours.queued.has(action.path)) return
    this.inbox.push({ _tag: "Spawned", ...incarnationIn(action) })
    if (this.behaviours.slow.has(action.path) || action.spec.ready.type === "exited") return
    this.inbox.push({ _tag: "Ready", ...incarnationIn(action) })
  }
}

const incarnationIn = ({ path, incarnation }: Incarnation): Incarnation => ({ path, incarnation })

function sayHealth(root: NodeSnapshot, path: string): string {
  const flat = (node: NodeSnapshot): ReadonlyArray<NodeSnapshot> => [node, ...(node.children ?? []).flatMap(flat)]
  const { status, because } = flat(root).find((node) => node.path === path)!.health!
  return because === undefined ? status : `${status}: ${because}`
}

function sayNode(node: NodeSnapshot | undefined): string {
  if (node === undefined) return "nothing is there"
  const { phase, since, until, hold, pendingOn, suspect, failingCheck, status, lastExit } = node
  const parts = [
    `${phase} since ${since}ms`,
    suspect === undefined ? "" : `suspect since ${suspect.since}ms (phi ${suspect.phi})`,
    failingCheck === undefined ? "" : `but ${failingCheck}`,
    status === undefined ? "" : `says: ${status}`,
    pendingOn === undefined ? "" : sayPending(pendingOn),
    until === undefined ? "" : `until ${until}ms`,
    hold ? "on hold" : ""
  ]
  return [...parts, lastExit === undefined ? "" : `the last one ${sayExit(lastExit)}`].filter((part) => part !== "").join(", ")
}

function sayAnswer(answer: Extract<Action, { _tag: "Reply" }>["answer"]): string {
  switch (answer._tag) {
    case "Refused":
      return sayRefusal(answer.why)
    case "Children":
      return (
        answer.children.map(({ id, state, incarnation }) => `${id} ${state}${state === "running" ? ` #${incarnation}` : ""}`).join(", ") ||
        "nobody"
      )
    case "Count":
      return `${answer.specs} specs, ${answer.active} active, ${answer.supervisors} supervisors, ${answer.workers} workers`
    case "Up":
      return `${answer.path}#${answer.incarnation} is up`
    case "Nothing":
      return `${answer.path} has nothing to run`
    case "Spec":
      return `${answer.spec.type} ${answer.spec.id}, ${answer.spec.restart}`
    case "Done":
      return "done"
  }
}

// ---------------------------------------------------------------- the notation

export function parseTree(lines: ReadonlyArray<string>): Child {
  const [head = "", ...rest] = lines
  const [id = "", ...words] = head.trim().split(" ")
  const step = rest[0]?.search(/\S/) ?? 0
  const groups: Array<Array<string>> = []
  for (const line of rest) {
    if (line.search(/\S/) === step) groups.push([line])
    else groups.at(-1)!.push(line)
  }
  const children = groups.map(parseTree)
  const option = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
  const time = (text: string) => (text === "infinity" || text === "brutalKill" ? text : parseDuration(text)!)
  const [intensity = "5", period = "30s"] = words.find((word) => /^\d+\//.test(word))?.split("/") ?? []
  const pool = option("pool")
  const isWorker = children.length === 0 && pool === undefined
  const delay = parseDuration(option("backoff") ?? "1s")!
  const common = {
    id,
    needs: option("needs")?.split(",") ?? [],
    restart: (words.find((word) => ["permanent", "transient", "temporary"].includes(word)) ?? "permanent") as Restart,
    significant: words.includes("significant"),
    shutdown: time(option("shutdown") ?? (isWorker ? "5s" : "infinity")),
    backoff:
      option("adaptive") === undefined
        ? { type: "exponential", initial: delay, factor: 2, cap: parseDuration(option("cap") ?? "30s")!, jitter: 0, forgetAfter: 30_000 }
        : adaptiveOf(option("adaptive")!)
  } satisfies ChildCommon
  const limits = {
    ...common,
    intensity: Number(intensity),
    period: parseDuration(period)!,
    boot: option("boot") === "retry" ? "retry" : "strict",
    onIntensity: words.includes("failChild") ? "failChild" : "escalate",
    retryAfter: parseDuration(option("retry") ?? "1m")!,
    ...(option("breaker") === undefined ? {} : { breaker: breakerOf(option("breaker")!) }),
    ...(option("gate") === undefined ? {} : { startGate: gateOf(option("gate")!) })
  } as const
  if (pool !== undefined) return { ...limits, type: "pool", size: Number(pool), max: Number(option("max") ?? 100), child: children[0]! }
  if (isWorker) {
    const ready = words.includes("exited") ? "exited" : "spawned"
    const startTimeout = time(option("startTimeout") ?? "infinity") as number | "infinity"
    const [interval, timeout] = (option("checked") ?? "").split("/").map((part) => parseDuration(part))
    const checked = interval === undefined ? {} : { ready: { type: "tcp", interval, timeout } }
    const successCodes = (option("codes") ?? "0").split(",").map((code) => (code.startsWith("SIG") ? (code as Signal) : Number(code)))
    const [every, hangAfter] = (option("beats") ?? "").split("/").map((part) => parseDuration(part))
    const heartbeat = every === undefined ? {} : { heartbeat: { every, hangAfter } }
    return { ...workerOf(common, ready, startTimeout), successCodes, ...checked, ...heartbeat } as Child
  }
  const strategy = words.find((word) => word === "OneForAll" || word === "RestForOne") ?? "OneForOne"
  const autoShutdown = words.find((word) => word === "anySignificant" || word === "allSignificant") ?? "never"
  const bootConcurrency = Number(option("together") ?? "1")
  return { ...limits, type: "supervisor", strategy, autoShutdown, bootConcurrency, children } as Child
}

const adaptiveOf = (text: string): Backoff => {
  const [min, max, halfLife] = text.split("/").map((part) => parseDuration(part)!)
  return { type: "adaptive", min: min!, max: max!, halfLife: halfLife!, factor: 2, jitter: 0, pressure: 1, startRate: 10 }
}

const breakerOf = (text: string): Breaker => {
  const [failures, within] = text.split("/")
  return {
    failures: Number(failures),
    within: parseDuration(within!)!,
    share: 0.5,
    probeEvery: 5000,
    stable: 2000,
    release: 3000,
    giveUpAfter: 60_000
  }
}

const gateOf = (text: string): StartGate => {
  const [rate, burst, starting] = text.split("/").map(Number)
  return { rate: rate!, burst: burst!, starting: starting! }
}
