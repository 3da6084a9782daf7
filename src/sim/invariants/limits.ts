/** Invariants of restart limits: what is counted, and what follows. (OTP: "Maximum Restart Intensity") */
import type { News } from "../../core/Action.ts"
import { parentOf } from "../../core/Path.ts"
import { sayDuration } from "../../tree/duration.ts"
import type { Tree } from "../../tree/Spec.ts"
import { eachNews, newsOf } from "./each.ts"
import type { Invariant } from "./Invariant.ts"
import { specAt } from "./specAt.ts"

/** What a limit is of: a supervisor, or a child whose supervisor counts per child. An inner supervisor may be both. */
type Counter = `${"supervisor" | "child"} ${string}`

const counterOf = ({ path, culprit }: Extract<News, { _tag: "RestartCounted" }>): Counter =>
  path === culprit ? `child ${path}` : `supervisor ${path}`

/** The restarts within each period, counted independently of the core and in the simplest way. */
class Counts {
  private readonly restarts = new Map<Counter, { readonly at: Array<number>; outside: number }>()
  private readonly tree: Tree

  constructor(tree: Tree) {
    this.tree = tree
  }

  note(news: News, at: number): void {
    if (news._tag === "Starting" && news.type !== "worker") this.forget(news.path)
    if (news._tag === "Failed") this.restarts.delete(`child ${news.path}`)
    if (news._tag !== "RestartCounted") return
    const counter = counterOf(news)
    let counted = this.restarts.get(counter)
    if (counted === undefined) this.restarts.set(counter, (counted = { at: [], outside: 0 }))
    counted.at.push(at)
    // Time does not go back, so the oldest restarts leave the window first.
    while ((counted.at[counted.outside] ?? at) < at - this.limits(counter).period) counted.outside++
  }

  /** A restarted supervisor counts from the beginning, and so do its children. */
  private forget(path: string): void {
    this.restarts.delete(`supervisor ${path}`)
    for (const counter of this.restarts.keys())
      if (counter.startsWith("child ") && parentOf(counter.slice("child ".length)) === path) this.restarts.delete(counter)
  }

  of(counter: Counter): number {
    const counted = this.restarts.get(counter)
    return counted === undefined ? 0 : counted.at.length - counted.outside
  }

  limits(counter: Counter): { readonly intensity: number; readonly period: number } {
    const [kind, path = ""] = counter.split(" ")
    const spec = specAt(this.tree, kind === "child" ? parentOf(path) : path)
    if (spec === undefined || spec.type === "worker") throw new Error(`${path} is not a supervisor`)
    return spec
  }
}

/** What follows when the limit at this path is exceeded. */
const isConsequence = (news: News, path: string): boolean =>
  news.path === path && (news._tag === "Failed" || (news._tag === "Ending" && news.exit._tag === "GaveUp"))

export const withinIntensity: Invariant = {
  name: "withinIntensity",
  says: "no supervisor restarts more often than it may",
  watch: (tree) => {
    const counts = new Counts(tree)
    return eachNews((news, entry) => {
      counts.note(news, entry.at)
      if (news._tag !== "RestartCounted") return undefined
      const counter = counterOf(news)
      const [count, { intensity }] = [counts.of(counter), counts.limits(counter)]
      if (count !== news.count) return `${news.path} counts ${news.count} restarts, but there were ${count}.`
      if (count <= intensity || newsOf(entry).some((other) => isConsequence(other, news.path))) return undefined
      return `${news.path} continues after ${count} restarts in its period, but ${intensity} are allowed.`
    })
  }
}

export const escalatesOnlyByIntensity: Invariant = {
  name: "escalatesOnlyByIntensity",
  says: "no supervisor gives up without having exceeded its limit",
  watch: (tree) => {
    const counts = new Counts(tree)
    return eachNews((news, { at }) => {
      counts.note(news, at)
      if (news._tag !== "Ending" || news.exit._tag !== "GaveUp") return undefined
      const counter = `supervisor ${news.path}` as const
      const [count, { intensity }] = [counts.of(counter), counts.limits(counter)]
      return count > intensity ? undefined : `${news.path} gives up after ${count} restarts in its period, but ${intensity} are allowed.`
    })
  }
}

export const failsOnlyByIntensity: Invariant = {
  name: "failsOnlyByIntensity",
  says: "a child fails only above its limit, or in an attempt after it has failed; and then it is left alone",
  watch: (tree) => {
    const counts = new Counts(tree)
    const failed = new Map<string, number>()
    return eachNews((news, { at, event }) => {
      const over = counts.of(`child ${news.path}`)
      counts.note(news, at)
      if (news._tag === "Failed") {
        const { intensity } = counts.limits(`child ${news.path}`)
        if (news.attempt === 1 && over <= intensity && !failed.has(news.path))
          return `${news.path} fails after ${over} restarts in its period, but ${intensity} are allowed.`
        failed.set(news.path, at + news.delayMs)
      }
      if (news._tag === "TriedAgain" && event._tag === "Wake" && at < (failed.get(news.path) ?? 0))
        return `${news.path} is tried again ${sayDuration(failed.get(news.path)! - at)} too soon.`
      return undefined
    })
  }
}
