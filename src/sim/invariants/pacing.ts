/** Of pacing: how many are started at once, whom a breaker holds, and what is counted meanwhile. */
import type { News } from "../../core/Action.ts"
import type { Event } from "../../core/Event.ts"
import { parentOf } from "../../core/Path.ts"
import { sayDuration } from "../../tree/duration.ts"
import type { Tree } from "../../tree/Spec.ts"
import type { Invariant } from "./Invariant.ts"
import { newsOf } from "./limits.ts"
import { specAt } from "./specAt.ts"

export const startGate: Invariant = {
  name: "startGate",
  says: "in no span of time more processes are started than the start gate allows",
  watch: (tree) => {
    const gate = tree.startGate
    let [started, least, from] = [0, Number.POSITIVE_INFINITY, 0]
    return {
      folded: ({ at, actions }) => {
        if (gate === undefined) return undefined
        for (const action of actions) {
          if (action._tag !== "Spawn") continue
          // From the i-th start at s to the j-th at t there may be burst + rate × (t − s) + 1: so j − rate × t less the least i − rate × s is no
          // more than the burst.
          const place = ++started - (gate.rate * at) / 1000
          if (place < least) [least, from] = [place, at]
          if (place - least > gate.burst + 1e-6)
            return `${action.path} is started, and from ${sayDuration(from)} to ${sayDuration(at)} there were as many as the gate allows.`
        }
        return undefined
      }
    }
  }
}

/** Of one breaker that is open. */
interface Open {
  readonly since: number
  ahead: string | undefined
}

/** What is told of breakers, by the path of their supervisor; and whom they hold. */
class Breakers {
  readonly open = new Map<string, Open>()
  readonly held = new Set<string>()
  private readonly tree: Tree

  constructor(tree: Tree) {
    this.tree = tree
  }

  /** Whoever is hinted at or ordered about goes its own way. */
  heed(event: Event): void {
    if (event._tag === "Hint") this.held.delete(event.path)
    if (event._tag === "Call" && "id" in event.request) this.held.delete(`${event.path}/${event.request.id}`)
  }

  hear(news: News, at: number): void {
    const { path } = news
    if (news._tag === "BreakerOpened") this.open.set(path, { since: at, ahead: undefined })
    if (news._tag === "BreakerClosed") this.open.delete(path)
    if (news._tag === "Released" || news._tag === "WaitCancelled" || news._tag === "Starting") this.held.delete(path)
    if (news._tag === "Starting") this.open.delete(path) // if it is a supervisor, it is a new one
    const open = this.open.get(parentOf(path))
    if (open === undefined) return
    if (news._tag === "ProbeStarted") open.ahead = path
    if (news._tag !== "Pending" || news.by._tag !== "Breaker") return
    this.held.add(path)
    if (open.ahead === path) open.ahead = undefined
  }

  /** Is it ahead of the others? */
  isAhead = (path: string): boolean => this.open.get(parentOf(path))?.ahead === path

  /** Is its failure, which comes now, to be counted though it is held? */
  counts(path: string, at: number): boolean {
    const sup = specAt(this.tree, parentOf(path))
    const open = this.open.get(parentOf(path))
    if (open === undefined || sup === undefined || sup.type === "worker" || sup.breaker === undefined) return false
    return open.ahead === path && at - open.since >= sup.breaker.giveUpAfter
  }
}

export const breakerHolds: Invariant = {
  name: "breakerHolds",
  says: "of those whom an open breaker holds only the one that it sends ahead is started",
  watch: (tree) => {
    const breakers = new Breakers(tree)
    return {
      folded: (moment) => {
        breakers.heed(moment.event)
        for (const news of newsOf(moment)) {
          if (news._tag === "Starting" && breakers.held.has(news.path) && !breakers.isAhead(news.path))
            return `${news.path} is started while the breaker of ${parentOf(news.path)} holds it.`
          breakers.hear(news, moment.at)
        }
        return undefined
      }
    }
  }
}

export const heldIsUncounted: Invariant = {
  name: "heldIsUncounted",
  says: "a failure for which a child is held is not counted, unless it was sent ahead when the patience of its breaker was at an end",
  watch: (tree) => {
    const breakers = new Breakers(tree)
    return {
      folded: (moment) => {
        const told = newsOf(moment)
        for (const news of told) {
          if (news._tag === "Pending" && news.by._tag !== "Gate") {
            const { path, by } = news
            const isCounted = told.some((other) => other._tag === "RestartCounted" && other.culprit === path)
            const counts = by._tag === "Breaker" && breakers.counts(path, moment.at)
            if (isCounted !== counts) return `${path} is held, and its failure is ${isCounted ? "counted" : "not counted"}.`
          }
          breakers.hear(news, moment.at)
        }
        return undefined
      }
    }
  }
}
