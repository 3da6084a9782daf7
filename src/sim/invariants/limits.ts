/** Invariants of restart limits: what is counted, and what follows. (OTP: "Maximum Restart Intensity") */
import type { News } from "../../core/Action.ts"
import type { JournalEntry } from "../../core/Journal.ts"
import type { Tree } from "../../tree/Spec.ts"
import type { Invariant } from "./Invariant.ts"
import { specAt } from "./specAt.ts"

/** The restarts within each supervisor's period, counted independently of the core and in the simplest way. */
class Counts {
  private readonly restarts = new Map<string, { readonly at: Array<number>; outside: number }>()
  private readonly tree: Tree

  constructor(tree: Tree) {
    this.tree = tree
  }

  note(news: News, at: number): void {
    if (news._tag === "Starting") this.restarts.delete(news.path)
    if (news._tag !== "RestartCounted") return
    let counted = this.restarts.get(news.path)
    if (counted === undefined) this.restarts.set(news.path, (counted = { at: [], outside: 0 }))
    counted.at.push(at)
    // Time does not go back, so the oldest restarts leave the window first.
    while ((counted.at[counted.outside] ?? at) < at - this.limits(news.path).period) counted.outside++
  }

  of(path: string): number {
    const counted = this.restarts.get(path)
    return counted === undefined ? 0 : counted.at.length - counted.outside
  }

  limits(path: string): { readonly intensity: number; readonly period: number } {
    const spec = specAt(this.tree, path)
    if (spec === undefined || spec.type === "worker") throw new Error(`${path} is not a supervisor`)
    return spec
  }
}

/** The news of this entry, in order. */
export const newsOf = ({ actions }: JournalEntry): ReadonlyArray<News> =>
  actions.flatMap((action) => (action._tag === "News" ? [action.news] : []))
const gaveUp = (news: News, path: string): boolean => news._tag === "Ending" && news.path === path && news.exit._tag === "GaveUp"

export const withinIntensity: Invariant = {
  name: "withinIntensity",
  says: "no supervisor restarts more often than it may",
  watch: (tree) => {
    const counts = new Counts(tree)
    return {
      folded: (entry) => {
        const all = newsOf(entry)
        for (const news of all) {
          counts.note(news, entry.at)
          if (news._tag !== "RestartCounted") continue
          const [count, { intensity }] = [counts.of(news.path), counts.limits(news.path)]
          if (count !== news.count) return `${news.path} counts ${news.count} restarts, but there were ${count}.`
          if (count > intensity && !all.some((other) => gaveUp(other, news.path)))
            return `${news.path} continues after ${count} restarts in its period, but ${intensity} are allowed.`
        }
        return undefined
      }
    }
  }
}

export const escalatesOnlyByIntensity: Invariant = {
  name: "escalatesOnlyByIntensity",
  says: "no supervisor gives up without having exceeded its limit",
  watch: (tree) => {
    const counts = new Counts(tree)
    return {
      folded: (entry) => {
        for (const news of newsOf(entry)) {
          counts.note(news, entry.at)
          if (news._tag !== "Ending" || news.exit._tag !== "GaveUp") continue
          const [count, { intensity }] = [counts.of(news.path), counts.limits(news.path)]
          if (count <= intensity) return `${news.path} gives up after ${count} restarts in its period, but ${intensity} are allowed.`
        }
        return undefined
      }
    }
  }
}
