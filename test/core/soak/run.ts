/**
 * A hostile world: answers come late and in any order between children, old news is repeated, processes crash and
 * operators call at any moment. Then it calms down, and the tree must come to rest. Then the tree is stopped, and
 * nothing may remain.
 */

import * as codec from "../../../src/codec/image.ts"
import type { Action } from "../../../src/core/Action.ts"
import { checkState } from "../../../src/core/checkState.ts"
import type { Event, Incarnation, Request } from "../../../src/core/Event.ts"
import type { Exit } from "../../../src/core/Exit.ts"
import * as realImage from "../../../src/core/Image.ts"
import { idOf, parentOf } from "../../../src/core/Path.ts"
import type { TreeState } from "../../../src/core/State.ts"
import type { Tree } from "../../../src/tree/Spec.ts"
import { type Act, childOf, type Gene, specOf } from "./gene.ts"
import { Violation, Watcher } from "./invariants.ts"

export interface Core {
  readonly make: (root: Tree, seed?: number) => TreeState
  readonly step: (tree: TreeState, event: Event, now: number) => ReadonlyArray<Action>
}

export type Images = typeof realImage & typeof codec

/**
 * `restoreEvery`: after each such number of events the tree is written down, forgotten, and made again from what was
 * written.
 */
interface Options {
  readonly restoreEvery?: number
  readonly images?: Images
}

/** Runs the gene, and tells all that happens to `trace`. Throws a `Violation` if an invariant does not hold. */
export function run(core: Core, gene: Gene, trace?: Array<string>, options: Options = {}): void {
  const world = new World(core, gene, trace, options)
  world.send({ _tag: "Boot" })
  for (const act of gene.acts) world.act(act)
  if (gene.luck % 2 === 1) world.scaleAll()
  world.calm()
  world.watcher.atRest(world.tree)
  world.send({ _tag: "Stop" })
  world.calm()
  world.watcher.check(world.watcher.finished, "no end after Stop")
}

class World {
  readonly core: Core
  readonly gene: Gene
  tree: TreeState
  readonly restoreEvery: number
  readonly images: Images
  events = 0
  readonly watcher: Watcher
  readonly trace: Array<string> | undefined
  /** Processes that run, by path. */
  readonly running = new Map<string, Incarnation>()
  /** By path, the events that the core will get, in order. */
  readonly due = new Map<string, Array<Event>>()
  readonly wakes: Array<Extract<Action, { _tag: "Wake" }>> = []
  /** The last twenty events, to be repeated. */
  readonly past: Array<Event> = []
  sent = 0
  isCalm = false
  now = 0
  tickets = 0

  constructor(core: Core, gene: Gene, trace: Array<string> | undefined, options: Options) {
    this.restoreEvery = options.restoreEvery ?? Number.POSITIVE_INFINITY
    this.images = options.images ?? { ...realImage, ...codec }
    const root = specOf(gene.tree)
    this.trace = trace
    this.core = core
    this.gene = gene
    this.tree = core.make(root, gene.luck)
    this.watcher = new Watcher(root)
  }

  send(event: Event): void {
    this.watcher.before(event, this.now)
    if (++this.events % this.restoreEvery === 0) this.tree = this.written()
    const actions = this.core.step(this.tree, event, this.now)
    this.trace?.push(`${this.now} ${JSON.stringify(event)}`, ...actions.map((action) => `      ${JSON.stringify(action)}`))
    this.watcher.after(event, actions)
    const illegal = checkState(this.tree)
    this.watcher.check(illegal === undefined, `illegal state: ${illegal}`)
    for (const action of actions) this.perform(action)
    if (event._tag !== "Call" && event._tag !== "Stop" && event._tag !== "Kill") this.past[this.sent++ % 20] = event
  }

  written(): TreeState {
    const { image, imageLines, readImage, restore } = this.images
    const written = readImage([...imageLines(image(this.tree))])
    if (written === undefined) throw new Violation("the image cannot be read")
    return restore(this.tree.root, written)
  }

  perform(action: Action): void {
    if (action._tag === "Wake") this.wakes.push(action)
    if (action._tag === "Stop" && this.running.get(action.path)?.incarnation === action.incarnation) {
      const obeys = this.isCalm || action.how === "brutalKill" || this.chance(action.path, action.incarnation, 7) < 0.7
      if (obeys) this.die(action.path, action.how === "brutalKill" ? "SIGKILL" : "SIGTERM")
    }
    if (action._tag !== "Spawn") return
    const started = { path: action.path, incarnation: action.incarnation }
    this.watcher.check(!this.running.has(started.path), `two incarnations of ${started.path}: a process still runs`)
    const draw = this.isCalm ? 1 : this.chance(started.path, started.incarnation, 3)
    if (draw < 0.1)
      return this.later({ _tag: "Exited", ...started, exit: { _tag: "NotStarted", errno: "ENOENT", message: "No such command." } })
    if (draw < 0.13) return this.later({ _tag: "Declined", ...started })
    this.running.set(started.path, started)
    if (draw < 0.9 || this.isCalm) this.later({ _tag: "Spawned", ...started })
    if (action.spec.ready.type === "exited") return this.isCalm || draw > 0.2 ? this.die(started.path, 0) : undefined
    if (draw < 0.2) return this.die(started.path, 1)
    if (draw > 0.25) this.later({ _tag: "Ready", ...started })
  }

  later(event: Extract<Event, Incarnation>): void {
    this.due.set(event.path, [...(this.due.get(event.path) ?? []), event])
  }

  die(path: string, how: string | number): void {
    const ended = this.running.get(path)
    if (ended === undefined) return
    this.running.delete(path)
    this.later({ _tag: "Exited", ...ended, exit: exitBy(how) })
  }

  /** One number in [0, 1) per gene, incarnation and question. */
  chance(path: string, incarnation: number, question: number): number {
    let hash = this.gene.luck ^ (incarnation * 31 + question)
    for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    return ((hash ^ (hash >>> 13)) >>> 0) / 4294967296
  }

  act({ what, target, how }: Act): void {
    if (what < 40) return this.deliver(target)
    if (what < 55) return this.pass(how)
    if (what < 64) return this.suspect([...this.running.values()][target % (this.running.size || 1)], how)
    if (what < 72) return this.die([...this.running.keys()][target % (this.running.size || 1)] ?? "", [1, 0, "SIGSEGV", 1][how % 4]!)
    if (what > 93 && what < 97) return this.disaster(target)
    if (what === 97) return this.loseAll()
    if (what < 76) return this.past.length > 0 ? this.send(this.past[target % this.past.length]!) : undefined
    if (what === 98 && how < 20) return this.send({ _tag: "Stop" })
    if (what === 99 && how < 10) return this.send({ _tag: "Kill" })
    this.call(what, target, how)
  }

  /** All of a group crash at once. */
  disaster(target: number): void {
    const paths = [...this.running.keys()]
    const group = parentOf(paths[target % (paths.length || 1)] ?? "")
    for (const path of paths) if (parentOf(path) === group) this.die(path, 1)
  }

  /** The keeper ends, and everything with it. */
  loseAll(): void {
    for (const path of [...this.running.keys()]) this.die(path, "lost")
  }

  /** What a detector, a check or a file watcher may report, at any moment. */
  suspect(of: Incarnation | undefined, how: number): void {
    if (of === undefined) return
    if (how > 59) {
      const siblings = [...this.running.values()].filter(({ path }) => parentOf(path) === parentOf(of.path))
      for (const sibling of siblings) this.suspect(sibling, how - 60)
      return
    }
    const silence = { phi: 4, silenceMs: 300, everyMs: 100, evidence: "" }
    if (how % 6 < 2) this.send({ _tag: "Suspected", ...of, silence })
    else if (how % 6 === 2) this.send({ _tag: "Cleared", ...of })
    else if (how % 6 === 3) this.send({ _tag: "Convicted", ...of, exit: { _tag: "Hung", phi: 9, silenceMs: 900, evidence: "" } })
    else if (how % 12 === 5) this.send({ _tag: "Notified", ...of, status: `step ${how}`, extendMs: how * 20 })
    else if (how % 6 === 4) this.send({ _tag: "Health", ...of, healthy: how % 4 === 0, because: "answered 503" })
    else this.send({ _tag: "Hint", path: of.path })
  }

  deliver(target: number): void {
    const [path, events] = [...this.due][target % (this.due.size || 1)] ?? []
    if (path === undefined) return this.pass(target)
    const event = events!.shift()!
    if (events!.length === 0) this.due.delete(path)
    this.send(event)
  }

  /** Up to the next wake, or a little further. */
  pass(how: number): void {
    const next = this.wakes.sort((a, b) => a.at - b.at)[0]
    this.now = Math.max(this.now + how * 10, how % 2 === 0 ? (next?.at ?? 0) : 0)
    while (this.wakes[0] !== undefined && this.wakes[0].at <= this.now) {
      const { path, incarnation, purpose } = this.wakes.shift()!
      this.send({ _tag: "Wake", path, incarnation, purpose })
    }
  }

  call(what: number, target: number, how: number): void {
    const sups = [...this.tree.supervisors.values()]
    const sup = sups[target % (sups.length || 1)]
    if (sup === undefined) return
    const id = [...sup.children.keys(), "z"][how % (sup.children.size + 1)]!
    const extra = childOf({ type: how, restart: target, limits: how, shutdown: target, children: [] }, "z")
    const requests: ReadonlyArray<Request> = [
      { _tag: "terminateChild", id },
      { _tag: "restartChild", id },
      { _tag: "deleteChild", id },
      { _tag: "hold", id },
      { _tag: "start", id },
      { _tag: "restart", id },
      { _tag: "whichChildren" },
      { _tag: "countChildren" },
      sup.spec.type === "pool" ? { _tag: "startInstance", argv: [] } : { _tag: "startChild", spec: extra },
      { _tag: "scale", size: how % 10 }
    ]
    const request = requests[what % requests.length]!
    if (request._tag === "startChild" && !sup.children.has("z")) this.watcher.specs.set(`${sup.path}/z`, extra)
    this.ask(sup.path, request)
  }

  ask(path: string, request: Request): void {
    this.scaled(path, request)
    this.send({ _tag: "Call", path, ticket: ++this.tickets, request })
  }

  /** Restarts an instance of each pool, and meanwhile scales the pool by one, up or down, or to its present size. */
  scaleAll(): void {
    for (const { path, spec } of [...this.tree.supervisors.values()]) {
      const size = (): number => this.tree.supervisors.get(path)?.children.size ?? 0
      const [id] = this.tree.supervisors.get(path)?.children.keys() ?? []
      if (spec.type !== "pool" || id === undefined) continue
      this.ask(path, { _tag: "restart", id })
      this.ask(path, { _tag: "scale", size: Math.max(0, size() + (this.gene.luck % 3) - 1) })
    }
  }

  /** Instances that are scaled away are stopped as asked. */
  scaled(path: string, request: Request): void {
    if (request._tag !== "scale") return
    for (const known of this.watcher.alive.keys()) if (parentOf(known) === path) this.watcher.asked.add(known)
  }

  /** No more faults: all due events happen, slow children get ready, and stubborn ones are killed. */
  calm(): void {
    this.isCalm = true
    const suspects = [...this.tree.supervisors.values()].flatMap((sup) => [...sup.suspects])
    for (const { path, record } of suspects) this.send({ _tag: "Cleared", path, incarnation: record.incarnation })
    for (let i = 0; i < 5000; i++) {
      if (!this.calmStep()) return
    }
    this.watcher.check(false, "does not come to rest")
  }

  /** Answers whether something was left to do. */
  calmStep(): boolean {
    const running = this.due.size > 0 ? [] : [...this.running.values()]
    const stopping = running.find((it) => this.phaseOf(it) === "stopping")
    const starting = running.find((it) => this.phaseOf(it) === "starting")
    if (this.due.size > 0) this.deliver(0)
    else if (stopping !== undefined) this.die(stopping.path, "SIGKILL")
    else if (starting !== undefined) this.finishStart(starting)
    else if (this.wakes.length > 0) this.pass(0)
    else return false
    return true
  }

  finishStart({ path, incarnation }: Incarnation): void {
    const child = this.tree.supervisors.get(parentOf(path))!.children.get(idOf(path))!
    if (child.overdueAfterMs !== undefined) return this.die(path, "SIGKILL")
    if (child.spec.type === "worker" && child.spec.ready.type === "exited") return this.die(path, 0)
    this.later({ _tag: "Ready", path, incarnation })
  }

  phaseOf({ path }: Incarnation): string | undefined {
    const child = this.tree.supervisors.get(parentOf(path))?.children.get(idOf(path))
    return child?.conviction === undefined ? child?.phase : "stopping"
  }
}

/** Its exit code, or the signal that killed it; or it was lost with its keeper. */
function exitBy(how: string | number): Exit {
  if (how === "lost") return { _tag: "Lost" }
  return typeof how === "number" ? { _tag: "Code", code: how } : { _tag: "Signal", signal: how }
}
