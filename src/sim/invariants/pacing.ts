/** Invariants of pacing: how many are started at once, what a breaker defers, and what is counted meanwhile. */
import type { News } from "../../core/Action.ts"
import type { Event } from "../../core/Event.ts"
import { parentOf } from "../../core/Path.ts"
import { sayDuration } from "../../tree/duration.ts"
import type { Tree } from "../../tree/Spec.ts"
import { eachNews, eachSpawn, newsOf } from "./each.ts"
import type { Invariant } from "./Invariant.ts"
import { specAt } from "./specAt.ts"

export const startGate: Invariant = {
  name: "startGate",
  says: "in no span of time are more processes started than the start gate allows",
  watch: (tree) => {
    const gate = tree.startGate
    let [started, least, from] = [0, Number.POSITIVE_INFINITY, 0]
    return eachSpawn(({ path }, { at }) => {
      if (gate === undefined) return undefined
      // From the i-th start at s to the j-th at t, at most burst + rate × (t − s) + 1 starts are allowed.
      // So j − rate × t minus the least i − rate × s must not exceed the burst.
      const excess = ++started - (gate.rate * at) / 1000
      if (excess < least) [least, from] = [excess, at]
      if (excess - least <= gate.burst + 1e-6) return undefined
      return `${path} is started, but from ${sayDuration(from)} to ${sayDuration(at)} there were as many starts as the gate allows.`
    })
  }
}

/** One open breaker. */
interface Open {
  readonly since: number
  probe: string | undefined
}

/** Open breakers by the path of their supervisor, and the children they defer, as the news reports them. */
class Breakers {
  readonly open = new Map<string, Open>()
  readonly pending = new Set<string>()
  private readonly tree: Tree

  constructor(tree: Tree) {
    this.tree = tree
  }

  /** A child that is hinted at or ordered about is no longer the breaker's. */
  noteEvent(event: Event): void {
    if (event._tag === "Hint") this.pending.delete(event.path)
    if (event._tag === "Call" && "id" in event.request) this.pending.delete(`${event.path}/${event.request.id}`)
  }

  noteNews(news: News, at: number): void {
    const { path } = news
    if (news._tag === "BreakerOpened") this.open.set(path, { since: at, probe: undefined })
    if (news._tag === "BreakerClosed") this.open.delete(path)
    if (news._tag === "Released" || news._tag === "WaitCancelled" || news._tag === "Starting") this.pending.delete(path)
    if (news._tag === "Starting") this.open.delete(path) // a supervisor that starts has a new breaker
    const open = this.open.get(parentOf(path))
    if (open === undefined) return
    if (news._tag === "ProbeStarted") open.probe = path
    if (news._tag !== "Pending" || news.by._tag !== "Breaker") return
    this.pending.add(path)
    if (open.probe === path) open.probe = undefined
  }

  /** Whether it is the probe of the breaker above it. */
  isProbe = (path: string): boolean => this.open.get(parentOf(path))?.probe === path

  /** Whether a failure at `at` counts although the child becomes pending. */
  counts(path: string, at: number): boolean {
    const sup = specAt(this.tree, parentOf(path))
    const open = this.open.get(parentOf(path))
    if (open === undefined || sup === undefined || sup.type === "worker" || sup.breaker === undefined) return false
    return sup.onIntensity === "escalate" && open.probe === path && at - open.since >= sup.breaker.giveUpAfter
  }
}

export const breakerDefers: Invariant = {
  name: "breakerDefers",
  says: "of those that an open breaker keeps pending, only its probe is started",
  watch: (tree) => {
    const breakers = new Breakers(tree)
    const { folded } = eachNews((news, { at }) => {
      if (news._tag === "Starting" && breakers.pending.has(news.path) && !breakers.isProbe(news.path))
        return `${news.path} is started while the breaker of ${parentOf(news.path)} keeps it pending.`
      breakers.noteNews(news, at)
      return undefined
    })
    return {
      folded: (entry) => {
        breakers.noteEvent(entry.event)
        return folded?.(entry)
      }
    }
  }
}

export const pendingIsUncounted: Invariant = {
  name: "pendingIsUncounted",
  says: "a failure after which a child is pending is not counted, unless it was a probe, `giveUpAfter` had passed, and its supervisor escalates",
  watch: (tree) => {
    const breakers = new Breakers(tree)
    return eachNews((news, entry) => {
      if (news._tag === "Pending" && news.by._tag !== "Gate") {
        const { path, by } = news
        const isCounted = newsOf(entry).some((other) => other._tag === "RestartCounted" && other.culprit === path)
        const counts = by._tag === "Breaker" && breakers.counts(path, entry.at)
        if (isCounted !== counts) return `${path} is pending, but its failure is ${isCounted ? "counted" : "not counted"}.`
      }
      breakers.noteNews(news, entry.at)
      return undefined
    })
  }
}
