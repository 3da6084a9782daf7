/** Invariants of pacing: pending children, the probe of a breaker, the start gate, and convictions. */

import type { Action, News } from "../../../src/core/Action.ts"
import type { Event } from "../../../src/core/Event.ts"
import { parentOf } from "../../../src/core/Path.ts"
import type { Breaker, StartGate } from "../../../src/tree/Pacing.ts"
import type { Child, Tree } from "../../../src/tree/Spec.ts"

interface Open {
  readonly since: number
  probe: string | undefined
}

type Check = (holds: boolean, what: string) => void

export class PacingWatch {
  readonly open = new Map<string, Open>()
  /** Paths of children that a breaker defers. */
  readonly deferred = new Set<string>()
  readonly notBefore = new Map<string, number>()
  readonly up = new Map<string, number>()
  readonly convicted = new Map<string, number>()
  readonly starting = new Set<string>()
  /** Of the gate: how many were started, and the least value of an earlier start (see `gated`). */
  started = 0
  least = Number.POSITIVE_INFINITY
  readonly gate: StartGate | undefined
  readonly check: Check
  readonly specOf: (path: string) => Child | undefined

  constructor(root: Tree, specOf: (path: string) => Child | undefined, check: Check) {
    this.gate = root.startGate
    this.specOf = specOf
    this.check = check
  }

  after(event: Event, actions: ReadonlyArray<Action>, now: number): void {
    if (event._tag === "Hint") this.detached(event.path)
    if (event._tag === "Call" && "id" in event.request) this.detached(`${event.path}/${event.request.id}`)
    const allNews = actions.flatMap((action) => (action._tag === "News" ? [action.news] : []))
    for (const action of actions) {
      if (action._tag === "Spawn") this.gated(action.path, now)
      if (action._tag === "News") this.news(action.news, allNews, now)
    }
  }

  news(news: News, allNews: ReadonlyArray<News>, now: number): void {
    const { path } = news
    const sup = parentOf(path)
    switch (news._tag) {
      case "BreakerOpened":
        return void this.open.set(path, { since: now, probe: undefined })
      case "ProbeStarted": {
        const open = this.open.get(sup)
        this.check(open !== undefined, `${path} is the probe of a closed breaker`)
        open!.probe = path
        return void this.notBefore.set(path, now + news.delayMs)
      }
      case "BreakerClosed":
        return void this.open.delete(path)
      case "Released":
        this.deferred.delete(path)
        return void this.notBefore.set(path, now + news.delayMs)
      case "Pending":
        return this.pending(path, news.by, allNews, now)
      case "WaitCancelled":
        return this.detached(path)
      case "Starting": {
        const isProbe = this.open.get(sup)?.probe === path
        this.check(!this.deferred.has(path) || isProbe, `${path} starts though the breaker defers it`)
        this.check(now >= (this.notBefore.get(path) ?? 0), `${path} starts before its turn`)
        this.detached(path)
        this.starting.add(path)
        this.convicted.delete(path)
        return void this.open.delete(path) // if it is a supervisor, it is a new one
      }
      case "Started":
        this.starting.delete(path)
        return void this.up.set(path, now)
      case "Stopping":
      case "Stopped":
      case "StartFailed":
      case "Declined":
        this.starting.delete(path)
        return void this.up.delete(path)
      case "Convicted":
        return void this.convicted.set(path, now)
      case "Exited": {
        const at = this.convicted.get(path)
        const isConviction = news.exit._tag === "Hung" || news.exit._tag === "Unhealthy"
        this.check(
          isConviction === (at !== undefined),
          `${path} was ${at === undefined ? "not " : ""}convicted, and exits by ${news.exit._tag}`
        )
        const uptimeMs = (at ?? now) - (this.up.get(path) ?? now)
        this.check(news.uptimeMs === uptimeMs, `${path} was up for ${uptimeMs} ms, and is said to have been for ${news.uptimeMs}`)
        this.starting.delete(path)
        return void this.up.delete(path)
      }
    }
  }

  pending(path: string, by: Extract<News, { _tag: "Pending" }>["by"], allNews: ReadonlyArray<News>, now: number): void {
    if (by._tag === "Need") this.check(!this.up.has(by.path) || this.convicted.has(by.path), `${path} waits for ${by.path}, which is up`)
    if (by._tag !== "Breaker") return
    const spec = this.specOf(parentOf(path))
    const open = this.open.get(parentOf(path))
    const breaker: Breaker | undefined = spec === undefined || spec.type === "worker" ? undefined : spec.breaker
    this.check(open !== undefined && breaker !== undefined, `${path} is pending on a breaker that is closed`)
    this.deferred.add(path)
    const counts = spec !== undefined && spec.type !== "worker" && spec.onIntensity === "escalate"
    const isDue = counts && open!.probe === path && now - open!.since >= breaker!.giveUpAfter
    const isCounted = allNews.some((other) => other._tag === "RestartCounted" && other.culprit === path)
    this.check(isDue === isCounted, `${path} was ${isDue ? "" : "not "}to be counted, and is pending on the breaker`)
    if (open!.probe === path) open!.probe = undefined
  }

  /** It no longer waits for the breaker: by a call, a hint, or because it was stopped. */
  detached(path: string): void {
    this.deferred.delete(path)
    this.notBefore.delete(path)
  }

  /**
   * For any two starts, the i-th and the j-th, at times s and t: j − i + 1 ≤ burst + rate × (t − s) + 1. So j − rate ×
   * t must not exceed the least i − rate × s by more than the burst.
   */
  gated(path: string, now: number): void {
    if (this.gate === undefined) return
    const { rate, burst, starting } = this.gate
    const value = ++this.started - (rate * now) / 1000
    this.least = Math.min(this.least, value)
    this.check(value - this.least <= burst + 1e-6, `${path} starts, and the gate should not have let it`)
    const others = [...this.starting].filter((other) => this.specOf(other)?.type === "worker")
    this.check(others.length <= starting, `${others.length} are starting at once`)
  }
}
