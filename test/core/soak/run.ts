/**
 * A hostile world: answers come late and in any order between children, old news is repeated, processes crash and operators call at any
 * moment; then it turns kind, and what is left must come to rest; then the tree is stopped, and nothing may remain.
 */

import type { Action } from "../../../src/core/Action.ts"
import { checkState } from "../../../src/core/checkState.ts"
import type { Event, Incarnation, Request } from "../../../src/core/Event.ts"
import { idOf, parentOf } from "../../../src/core/Path.ts"
import type { TreeState } from "../../../src/core/State.ts"
import type { Tree } from "../../../src/tree/Spec.ts"
import { type Act, childOf, type Gene, specOf } from "./gene.ts"
import { Watcher } from "./invariants.ts"

export interface Core {
  readonly make: (root: Tree, seed?: number) => TreeState
  readonly step: (tree: TreeState, event: Event, now: number) => ReadonlyArray<Action>
}

/** Lives the gene, throws a `Violation` when something does not hold, and returns all that happened as text. */
export function live(core: Core, gene: Gene, trace: Array<string> = []): string {
  const world = new World(core, gene, trace)
  world.send({ _tag: "Boot" })
  for (const act of gene.acts) world.act(act)
  if (gene.luck % 2 === 1) world.scaleAll()
  world.turnKind()
  world.watcher.atRest(world.tree)
  world.send({ _tag: "Stop" })
  world.turnKind()
  world.watcher.check(world.watcher.finished, "no end after Stop")
  return world.trace.join("\n")
}

class World {
  readonly core: Core
  readonly gene: Gene
  readonly tree: TreeState
  readonly watcher: Watcher
  readonly trace: Array<string>
  /** Processes that run, by path. */
  readonly running = new Map<string, Incarnation>()
  /** What the core will hear, by path, in order. */
  readonly due = new Map<string, Array<Event>>()
  readonly wakes: Array<Extract<Action, { _tag: "Wake" }>> = []
  /** The last twenty, to be repeated. */
  readonly old: Array<Event> = []
  sent = 0
  kind = false
  now = 0
  tickets = 0

  constructor(core: Core, gene: Gene, trace: Array<string>) {
    const root = specOf(gene.tree)
    this.trace = trace
    this.core = core
    this.gene = gene
    this.tree = core.make(root, gene.luck)
    this.watcher = new Watcher(root)
  }

  send(event: Event): void {
    this.watcher.before(event, this.now)
    const actions = this.core.step(this.tree, event, this.now)
    this.trace.push(`${this.now} ${JSON.stringify(event)}`, ...actions.map((action) => `      ${JSON.stringify(action)}`))
    this.watcher.after(event, actions)
    const illegal = checkState(this.tree)
    this.watcher.check(illegal === undefined, `illegal state: ${illegal}`)
    for (const action of actions) this.perform(action)
    if (event._tag !== "Call" && event._tag !== "Stop" && event._tag !== "Kill") this.old[this.sent++ % 20] = event
  }

  perform(action: Action): void {
    if (action._tag === "Wake") this.wakes.push(action)
    if (action._tag === "Stop" && this.running.get(action.path)?.incarnation === action.incarnation) {
      const obeys = this.kind || action.how === "brutalKill" || this.chance(action.path, action.incarnation, 7) < 0.7
      if (obeys) this.die(action.path, action.how === "brutalKill" ? "SIGKILL" : "SIGTERM")
    }
    if (action._tag !== "Spawn") return
    const life = { path: action.path, incarnation: action.incarnation }
    this.watcher.check(!this.running.has(life.path), `two incarnations of ${life.path}: a process still runs`)
    const fate = this.kind ? 1 : this.chance(life.path, life.incarnation, 3)
    if (fate < 0.1)
      return this.tell({ _tag: "Exited", ...life, exit: { _tag: "NotStarted", errno: "ENOENT", message: "No such command." } })
    if (fate < 0.13) return this.tell({ _tag: "Declined", ...life })
    this.running.set(life.path, life)
    if (fate < 0.9 || this.kind) this.tell({ _tag: "Spawned", ...life })
    if (action.spec.ready.type === "exited") return this.kind || fate > 0.2 ? this.die(life.path, 0) : undefined
    if (fate < 0.2) return this.die(life.path, 1)
    if (fate > 0.25) this.tell({ _tag: "Ready", ...life })
  }

  tell(event: Extract<Event, Incarnation>): void {
    this.due.set(event.path, [...(this.due.get(event.path) ?? []), event])
  }

  die(path: string, how: string | number): void {
    const life = this.running.get(path)
    if (life === undefined) return
    this.running.delete(path)
    this.tell({ _tag: "Exited", ...life, exit: typeof how === "number" ? { _tag: "Code", code: how } : { _tag: "Signal", signal: how } })
  }

  /** One number in [0, 1) per gene, life and question. */
  chance(path: string, incarnation: number, question: number): number {
    let hash = this.gene.luck ^ (incarnation * 31 + question)
    for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    return ((hash ^ (hash >>> 13)) >>> 0) / 4294967296
  }

  act({ what, who, how }: Act): void {
    if (what < 40) return this.deliver(who)
    if (what < 55) return this.pass(how)
    if (what < 64) return this.suspect([...this.running.values()][who % (this.running.size || 1)], how)
    if (what < 72) return this.die([...this.running.keys()][who % (this.running.size || 1)] ?? "", [1, 0, "SIGSEGV", 1][how % 4]!)
    if (what > 93 && what < 98) return this.disaster(who)
    if (what < 76) return this.old.length > 0 ? this.send(this.old[who % this.old.length]!) : undefined
    if (what === 98 && how < 20) return this.send({ _tag: "Stop" })
    if (what === 99 && how < 10) return this.send({ _tag: "Kill" })
    this.call(what, who, how)
  }

  /** What a whole group stands on is gone. */
  disaster(who: number): void {
    const paths = [...this.running.keys()]
    const group = parentOf(paths[who % (paths.length || 1)] ?? "")
    for (const path of paths) if (parentOf(path) === group) this.die(path, 1)
  }

  /** What a detector, a check or somebody who watches files may say, at any moment. */
  suspect(life: Incarnation | undefined, how: number): void {
    if (life === undefined) return
    if (how > 59) {
      const siblings = [...this.running.values()].filter(({ path }) => parentOf(path) === parentOf(life.path))
      for (const sibling of siblings) this.suspect(sibling, how - 60)
      return
    }
    const silence = { phi: 4, silenceMs: 300, everyMs: 100, evidence: "" }
    if (how % 6 < 2) this.send({ _tag: "Suspected", ...life, silence })
    else if (how % 6 === 2) this.send({ _tag: "Cleared", ...life })
    else if (how % 6 === 3) this.send({ _tag: "Convicted", ...life, exit: { _tag: "Hung", phi: 9, silenceMs: 900, evidence: "" } })
    else if (how % 6 === 4) this.send({ _tag: "Health", ...life, healthy: how % 4 === 0, because: "answered 503" })
    else this.send({ _tag: "Hint", path: life.path })
  }

  deliver(who: number): void {
    const [path, events] = [...this.due][who % (this.due.size || 1)] ?? []
    if (path === undefined) return this.pass(who)
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

  call(what: number, who: number, how: number): void {
    const sups = [...this.tree.supervisors.values()]
    const sup = sups[who % (sups.length || 1)]
    if (sup === undefined) return
    const id = [...sup.children.keys(), "z"][how % (sup.children.size + 1)]!
    const extra = childOf({ kind: how, restart: who, limits: how, shutdown: who, kids: [] }, "z")
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

  /** An operator restarts an instance of each pool, and before that is done wants one more, one less, or as many as there are. */
  scaleAll(): void {
    for (const { path, spec, children } of [...this.tree.supervisors.values()]) {
      const [id] = children.keys()
      if (spec.type !== "pool" || id === undefined) continue
      this.ask(path, { _tag: "restart", id })
      this.ask(path, { _tag: "scale", size: Math.max(0, children.size + (this.gene.luck % 3) - 1) })
    }
  }

  /** A pool that is made smaller stops its newest; that is no injustice. */
  scaled(path: string, request: Request): void {
    if (request._tag !== "scale") return
    for (const known of this.watcher.alive.keys()) if (parentOf(known) === path) this.watcher.asked.add(known)
  }

  /** No more faults: all that is due happens, whoever was slow gets ready, whoever dawdles dies. */
  turnKind(): void {
    this.kind = true
    for (const sup of this.tree.supervisors.values())
      for (const { path, record } of [...sup.suspects]) this.send({ _tag: "Cleared", path, incarnation: record.incarnation })
    for (let i = 0; i < 5000; i++) {
      const starting = [...this.running.values()].find((life) => this.phaseOf(life) === "starting" && !this.due.has(life.path))
      const stopping = [...this.running.values()].find((life) => this.phaseOf(life) === "stopping")
      if (this.due.size > 0) this.deliver(0)
      else if (stopping !== undefined) this.die(stopping.path, "SIGKILL")
      else if (starting !== undefined) this.finishStart(starting)
      else if (this.wakes.length > 0) this.pass(0)
      else return
    }
    this.watcher.check(false, "does not come to rest")
  }

  finishStart(life: Incarnation): void {
    const child = this.tree.supervisors.get(parentOf(life.path))!.children.get(idOf(life.path))!
    if (child.overdueAfterMs !== undefined) return this.die(life.path, "SIGKILL")
    if (child.spec.type === "worker" && child.spec.ready.type === "exited") return this.die(life.path, 0)
    this.tell({ _tag: "Ready", ...life })
  }

  phaseOf(life: Incarnation): string | undefined {
    const child = this.tree.supervisors.get(parentOf(life.path))?.children.get(idOf(life.path))
    return child?.conviction === undefined ? child?.phase : "stopping"
  }
}
