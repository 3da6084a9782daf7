/**
 * What must hold, whatever happens. Checks the events that go into the core and the actions that come out, with records
 * of its own. It reads the core's state only at the end, when the tree is at rest.
 */

import type { Action, News } from "../../../src/core/Action.ts"
import type { Event } from "../../../src/core/Event.ts"
import { idOf, parentOf } from "../../../src/core/Path.ts"
import type { TreeState } from "../../../src/core/State.ts"
import type { CountedBackoff as Backoff } from "../../../src/tree/Pacing.ts"
import type { Child, Tree } from "../../../src/tree/Spec.ts"
import { PacingWatch } from "./pacing.ts"
import { PoolSizes } from "./sizes.ts"

export class Violation extends Error {}

/** What is known of one incarnation of a supervisor. */
interface SupervisorRecord {
  readonly spec: Exclude<Child, { type: "worker" }>
  order: Array<string>
  readonly settled: Set<string>
  readonly added: Set<string>
  restarts: Array<number>
  /** By child, where restarts are counted per child. */
  readonly perChild: Map<string, Array<number>>
  /** The failed children that are left alone. */
  readonly left: Set<string>
  state: "booting" | "running" | "ending"
  /** Incarnations that must end before the group starts again. */
  mustEnd: Map<string, number>
}

export class Watcher {
  readonly records = new Map<string, SupervisorRecord>()
  readonly specs = new Map<string, Child>()
  /** By path, the incarnation whose end the core has not seen yet. */
  readonly alive = new Map<string, number>()
  readonly highest = new Map<string, number>()
  readonly excused = new Set<string>()
  readonly onHold = new Set<string>()
  readonly notBefore = new Map<string, number>()
  readonly asked = new Set<string>()
  /** Their restart has failed, and the retry is in the queue. */
  readonly retrying = new Set<string>()
  /**
   * How often each child has failed in a row (`onIntensity: "failChild"`), as far as this can be known from outside.
   */
  readonly failures = new Map<string, number>()
  readonly open = new Set<number>()
  readonly pacing: PacingWatch
  readonly sizes = new PoolSizes(
    (path) => this.specOf(path),
    (holds, what) => this.check(holds, what)
  )
  killed = false
  finished = false
  now = 0

  constructor(root: Tree) {
    this.specs.set(`/${root.id}`, root)
    this.pacing = new PacingWatch(
      root,
      (path) => this.specOf(path),
      (holds, what) => this.check(holds, what)
    )
  }

  before(event: Event, now: number): void {
    this.now = now
    this.sizes.before(event)
    if (event._tag === "Kill") this.killed = true
    if (event._tag !== "Call") return
    this.open.add(event.ticket)
    const { request } = event
    if (!("id" in request)) return
    const path = `${event.path}/${request.id}`
    this.asked.add(path)
    if (request._tag === "terminateChild" || request._tag === "hold") this.stoppedByCall(path)
    this.notBefore.delete(path)
    if (request._tag === "restart")
      for (const other of [...this.notBefore.keys()]) if (parentOf(other) === event.path) this.notBefore.delete(other)
  }

  /** If it is stopped before its retry, those that were to start after it are not started either, as in OTP. */
  stoppedByCall(path: string): void {
    this.excused.add(path)
    if (!this.retrying.has(path)) return
    for (const sibling of this.records.get(parentOf(path))?.order ?? []) if (!this.alive.has(sibling)) this.excused.add(sibling)
  }

  after(event: Event, actions: ReadonlyArray<Action>): void {
    for (const action of actions) this.see(event, action)
    this.pacing.after(event, actions, this.now)
    this.sizes.after(actions)
    this.restartsFollow(actions)
  }

  see(event: Event, action: Action): void {
    this.check(!this.finished || action._tag === "Reply", "something after Finish")
    switch (action._tag) {
      case "Reply":
        return this.check(this.open.delete(action.ticket), "a call is answered twice")
      case "Finish":
        this.finished = true
        return this.check(this.alive.size === 0, `alive after Finish: ${[...this.alive.keys()]}`)
      case "News":
        return this.news(event, action.news)
      default:
        return
    }
  }

  news(event: Event, news: News): void {
    const parent = this.records.get(parentOf(news.path))
    switch (news._tag) {
      case "Starting":
        return this.starting(news, parent)
      case "Started":
        this.settle(parent, news.path)
        if (this.records.get(news.path)?.state === "booting") this.records.get(news.path)!.state = "running"
        return
      case "Declined":
        this.excused.add(news.path)
        this.settle(parent, news.path)
        return this.check(this.alive.delete(news.path), `${news.path} declines, and was not starting`)
      case "StartFailed":
        if (event._tag === "Call" || this.asked.has(news.path)) this.excused.add(news.path)
        this.retrying.add(news.path)
        return this.ended(news.path)
      case "Exited":
        this.check(this.alive.get(news.path) === news.incarnation, `${news.path} exited, but another incarnation runs`)
        return this.ended(news.path)
      case "Stopping":
        return this.stopping(news, parent)
      case "Stopped":
        return this.ended(news.path)
      case "RestartCounted":
        return this.counted(news)
      case "Backoff":
        return this.waiting(news)
      case "Failed":
        parent?.left.add(news.path)
        return this.failed(news, parent)
      case "WaitCancelled":
      case "TriedAgain":
      case "Pending":
        if (news._tag === "TriedAgain" && event._tag === "Wake")
          this.check(this.now >= (this.notBefore.get(news.path) ?? 0), `${news.path} is tried again too soon`)
        if (news._tag === "Pending" && news.by._tag === "Need") this.settle(parent, news.path)
        parent?.left.delete(news.path)
        return void this.notBefore.delete(news.path)
      case "Ending":
        return this.ending(news)
      case "Hold":
        return void this.onHold.add(news.path)
      case "Unhold":
        return void this.onHold.delete(news.path)
      case "Added":
        parent?.added.add(news.path)
        return void parent?.order.push(news.path)
      case "Removed":
        this.onHold.delete(news.path)
        this.excused.delete(news.path)
        this.failures.delete(news.path)
        parent?.left.delete(news.path)
        parent?.perChild.delete(news.path) // a new child of that name has a new window
        if (parent !== undefined) parent.order = parent.order.filter((path) => path !== news.path)
        return
      case "Ended":
        return this.ended(news.path)
    }
  }

  /** No longer than the policy says, and shorter only by the jitter. */
  waiting({ path, attempt, delayMs }: Extract<News, { _tag: "Backoff" }>): void {
    const backoff = this.specOf(path)?.backoff
    if (backoff?.type === "adaptive") {
      this.check(delayMs >= backoff.min && delayMs <= backoff.max, `${path} waits ${delayMs} ms: out of bounds`)
    } else if (backoff !== undefined) {
      const longest = plainDelay(backoff, attempt)
      const bounded = delayMs > 0 && delayMs <= longest && delayMs >= Math.floor(longest * (1 - backoff.jitter))
      this.check(bounded, `${path} waits ${delayMs} ms for attempt ${attempt}: out of bounds`)
    }
    this.notBefore.set(path, this.now + delayMs)
  }

  /** It may only fail above the limit, and the wait must be right. */
  failed({ path, attempt, delayMs }: Extract<News, { _tag: "Failed" }>, parent: SupervisorRecord | undefined): void {
    const before = this.failures.get(path)
    const { retryAfter, intensity, onIntensity } = parent!.spec
    this.check(onIntensity === "failChild", `${path} fails under a supervisor that escalates`)
    const over = (parent!.perChild.get(path)?.length ?? 0) > intensity
    this.check(over || before !== undefined, `${path} fails for nothing`)
    this.check(attempt === 1 || attempt === (before ?? 0) + 1, `${path} has failed ${before} times, and then ${attempt}`)
    this.check(
      delayMs === Math.min(Math.max(3_600_000, retryAfter), retryAfter * 2 ** (attempt - 1)),
      `${path} is left alone for ${delayMs} ms`
    )
    this.failures.set(path, attempt)
    parent!.perChild.delete(path)
    this.retrying.delete(path)
    this.notBefore.set(path, this.now + delayMs)
    this.settle(parent, path)
    if (parent!.spec.type === "pool" || parent!.spec.strategy === "OneForOne") return
    const after = parent!.order.slice(parent!.order.indexOf(path) + 1)
    for (const other of after) this.notBefore.delete(other)
    for (const other of after) if (this.alive.has(other) && !this.onHold.has(other)) parent!.mustEnd.set(other, this.alive.get(other)!)
  }

  starting(news: Extract<News, { _tag: "Starting" }>, parent: SupervisorRecord | undefined): void {
    const { path, incarnation } = news
    this.check(!this.alive.has(path), `two incarnations of ${path}`)
    this.check(incarnation > (this.highest.get(path) ?? 0), `the incarnation of ${path} goes back`)
    this.check(!this.onHold.has(path), `${path} is on hold, and started`)
    this.check(this.now >= (this.notBefore.get(path) ?? 0), `${path} starts before its backoff is over`)
    this.alive.set(path, incarnation)
    this.retrying.delete(path)
    this.highest.set(path, incarnation)
    this.excused.delete(path)
    this.notBefore.delete(path)
    if (parent !== undefined) this.startingInTurn(path, parent)
    const spec = this.specOf(path)
    if (spec === undefined || spec.type === "worker") return
    const order = spec.type === "pool" ? [] : spec.children.map((child) => `${path}/${child.id}`)
    if (spec.type === "supervisor") for (const child of spec.children) this.specs.set(`${path}/${child.id}`, child)
    this.records.set(path, {
      spec,
      order,
      settled: new Set(),
      added: new Set(),
      restarts: [],
      perChild: new Map(),
      left: new Set(),
      state: "booting",
      mustEnd: new Map()
    })
  }

  startingInTurn(path: string, parent: SupervisorRecord): void {
    this.check(parent.state !== "ending", `${path} starts while its supervisor ends`)
    const isIndependent = parent.added.has(path) || this.asked.has(path) || parent.spec.type === "pool"
    if (isIndependent) return
    for (const [other, incarnation] of parent.mustEnd)
      this.check(this.alive.get(other) !== incarnation, `${path} starts before ${other} has stopped`)
    parent.mustEnd.clear()
    if (parent.state !== "booting") return
    for (const need of this.needsOf(path)) this.check(!parent.left.has(need), `${path} boots although ${need}, which it needs, has failed`)
    for (const before of this.awaited(path, parent)) {
      const passed = parent.settled.has(before) || parent.added.has(before) || this.asked.has(before) || this.onHold.has(before)
      this.check(passed, `${path} boots before ${before} is ready`)
    }
  }

  /** The siblings that must be ready before it at boot: those above it; or, if they boot together, those it needs. */
  awaited(path: string, { spec, order }: SupervisorRecord): ReadonlyArray<string> {
    if (spec.type === "pool" || spec.bootConcurrency === 1) return order.slice(0, order.indexOf(path))
    return this.needsOf(path)
  }

  needsOf(path: string): ReadonlyArray<string> {
    return (this.specs.get(path)?.needs ?? []).map((id) => `${parentOf(path)}/${id}`)
  }

  settle(parent: SupervisorRecord | undefined, path: string): void {
    parent?.settled.add(path)
  }

  ended(path: string): void {
    this.check(this.alive.delete(path), `${path} ended twice`)
    const below = [...this.alive.keys()].filter((other) => other.startsWith(`${path}/`))
    this.check(below.length === 0, `${path} ended before ${below}`)
    const record = this.records.get(path)
    this.records.delete(path)
    if (record !== undefined)
      for (const child of [...this.onHold]) if (record.spec.type === "pool" && parentOf(child) === path) this.onHold.delete(child)
    const parent = this.records.get(parentOf(path))
    if (this.specOf(path)?.restart === "temporary") this.settle(parent, path)
  }

  stopping(news: Extract<News, { _tag: "Stopping" }>, parent: SupervisorRecord | undefined): void {
    if (parent === undefined || this.killed || parent.spec.type === "pool") return
    const index = parent.order.indexOf(news.path)
    const later = parent.order.slice(index + 1).filter((path) => this.alive.has(path))
    if (parent.state === "ending" && news.how !== "brutalKill") this.check(later.length === 0, `${news.path} is stopped before ${later}`)
    if (parent.state === "running" && parent.spec.strategy === "OneForOne") {
      const spec = this.specOf(news.path)
      const overdue = spec?.type === "worker" && spec.startTimeout !== "infinity"
      this.check(this.asked.has(news.path) || overdue, `${news.path} is stopped for nothing`)
    }
  }

  /** Checks the window against a count of our own. */
  counted(news: Extract<News, { _tag: "RestartCounted" }>): void {
    const record = this.records.get(parentOf(news.culprit))!
    const perChild = record.spec.onIntensity === "failChild"
    this.check(news.path === (perChild ? news.culprit : parentOf(news.culprit)), `a restart of ${news.culprit} is counted at ${news.path}`)
    const before = perChild ? (record.perChild.get(news.culprit) ?? []) : record.restarts
    const restarts = [...before.filter((at) => at >= this.now - record.spec.period), this.now]
    if (perChild) record.perChild.set(news.culprit, restarts)
    else record.restarts = restarts
    this.retrying.delete(news.culprit)
    this.failures.delete(news.culprit) // it has stayed up, or else this would not be counted
    this.check(restarts.length === news.count, `${news.path} counts ${news.count}, there were ${restarts.length}`)
    if (news.count > record.spec.intensity || record.spec.type === "pool") return
    const affected = {
      OneForOne: [news.culprit],
      OneForAll: record.order,
      RestForOne: record.order.slice(record.order.indexOf(news.culprit))
    }[record.spec.strategy]
    for (const path of affected) this.notBefore.delete(path)
    for (const path of affected) if (this.alive.has(path) && !this.onHold.has(path)) record.mustEnd.set(path, this.alive.get(path)!)
  }

  ending(news: Extract<News, { _tag: "Ending" }>): void {
    const record = this.records.get(news.path)
    if (record === undefined) return
    if (news.exit._tag === "GaveUp") this.check(record.restarts.length > record.spec.intensity, `${news.path} gives up for nothing`)
    if (news.exit._tag === "AllFailed") this.allFailed(record, news.path)
    record.state = "ending"
    for (const path of [...this.notBefore.keys()]) if (path.startsWith(`${news.path}/`)) this.notBefore.delete(path)
    if (news.exit._tag === "Killed") this.killed = true
  }

  /** Only a root ends for that, and only when none of its children runs. */
  allFailed(record: SupervisorRecord, path: string): void {
    this.check(parentOf(path) === "" && record.spec.onIntensity === "failChild", `${path} ends because its children have failed`)
    const running = record.order.filter((child) => this.alive.has(child))
    this.check(running.length === 0, `${path} gives up though ${running} run`)
  }

  /** In the step of the exit, each due restart is counted, no other one is, and a supervisor above its limit ends. */
  restartsFollow(actions: ReadonlyArray<Action>): void {
    const allNews = actions.flatMap((action) => (action._tag === "News" ? [action.news] : []))
    for (const [n, news] of allNews.entries()) {
      const next = allNews[n + 1]
      if (news._tag === "Exited") {
        const spec = this.specOf(news.path)
        const due = spec?.restart === "permanent" || (spec?.restart === "transient" && !news.normal)
        const later = allNews.slice(n + 1)
        const counted = later.some((other) => other._tag === "RestartCounted" && other.culprit === news.path)
        const pending = later.some((other) => other._tag === "Pending" && other.path === news.path && other.by._tag !== "Gate")
        const failed = later.some((other) => other._tag === "Failed" && other.path === news.path)
        const isLost = news.exit._tag === "Lost"
        this.check((due && !isLost) === (counted || pending || failed), `${news.path} (${spec?.restart}) exited, and then ${next?._tag}`)
        const byNeed = later.some((other) => other._tag === "Pending" && other.path === news.path && other.by._tag === "Need")
        this.check(!(counted && byNeed), `${news.path} is pending, and counted`)
        this.significant(news.path, spec, due, allNews.slice(n))
      }
      if (news._tag === "RestartCounted" && news.count > news.intensity && news.path === news.culprit) {
        const fails = allNews.slice(n).some((other) => other._tag === "Failed" && other.path === news.culprit)
        this.check(fails, `${news.culprit} exceeds its limit and is restarted`)
      } else if (news._tag === "RestartCounted" && news.count > news.intensity) {
        this.check(
          allNews.slice(n).some((other) => other._tag === "Ending" && other.path === news.path && other.exit._tag === "GaveUp"),
          `${news.path} exceeds its limit and goes on`
        )
      }
    }
  }

  significant(path: string, spec: Child | undefined, restarted: boolean, later: ReadonlyArray<News>): void {
    const above = this.specOf(parentOf(path))
    if (above?.type !== "supervisor" || spec?.significant !== true || restarted || above.autoShutdown !== "anySignificant") return
    this.check(
      later.some((news) => news._tag === "Ending" && news.path === parentOf(path)),
      `${path} was significant, and nothing followed`
    )
  }

  /** After the faults have stopped and all due events have happened. */
  atRest(tree: TreeState): void {
    this.check(this.open.size === 0, `${this.open.size} calls unanswered`)
    this.sizes.atRest(tree)
    for (const sup of tree.supervisors.values()) {
      this.check(sup.mode === "running", `${sup.path} is ${sup.mode} for ever`)
      // A child whose need is on hold waits as long as the hold.
      const isDown = (path: string) => sup.children.get(path.slice(sup.path.length + 1))?.phase !== "up"
      const waiting = [...sup.children.values()].filter(
        ({ phase, pendingOn }) => phase === "pending" && pendingOn?._tag === "Need" && isDown(pendingOn.path)
      )
      const pending = sup.toStop.size + sup.toStart.size + sup.runnable.length
      this.check(pending === waiting.length, `${sup.path} does not come to rest`)
      this.check(sup.breaker === undefined || sup.breaker.phase === "closed", `the breaker of ${sup.path} does not close`)
      this.check(sup.suspects.size === 0 && sup.commonSilenceSince === undefined, `${sup.path} suspects for ever`)
      for (const child of sup.children.values()) {
        if (waiting.includes(child)) continue
        this.check(child.phase === "up" || child.phase === "down", `${child.path} is ${child.phase} for ever`)
        const wanted = child.spec.restart === "permanent" && !child.record.hold && !this.excused.has(child.path)
        this.check(!wanted || child.phase === "up", `${child.path} should be up`)
        this.check(this.alive.has(child.path) === (child.phase === "up"), `${child.path} is thought to be ${child.phase}`)
      }
    }
    for (const path of this.alive.keys()) {
      const sup = tree.supervisors.get(parentOf(path))
      this.check(path === tree.rootPath || sup?.children.get(idOf(path))?.phase === "up", `${path} is a stray`)
    }
  }

  specOf(path: string): Child | undefined {
    const known = this.specs.get(path)
    if (known !== undefined) return known
    const above = parentOf(path) === "" ? undefined : this.specOf(parentOf(path))
    if (above?.type === "pool") return above.child
    return above?.type === "supervisor" ? above.children.find((child) => `${parentOf(path)}/${child.id}` === path) : undefined
  }

  check(holds: boolean, what: string): void {
    if (!holds) throw new Violation(what)
  }
}

/** As documented, without jitter. */
function plainDelay(backoff: Backoff, attempt: number): number {
  if (backoff.type === "constant") return backoff.delay
  const grown =
    backoff.type === "linear" ? backoff.initial + backoff.step * (attempt - 1) : backoff.initial * backoff.factor ** (attempt - 1)
  return Math.min(backoff.cap, grown)
}
