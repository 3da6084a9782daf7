/** Invariants of restart limits: what is counted, and what follows. (OTP: "Maximum Restart Intensity") */
import type { News } from "../../core/Action.ts"
import type { JournalEntry } from "../../core/Journal.ts"
import { parentOf } from "../../core/Path.ts"
import type { Pool, Supervisor, Tree } from "../../tree/Spec.ts"
import type { Invariant } from "./Invariant.ts"
import { specAt } from "./specAt.ts"

/** The restarts within each period, counted independently of the core and in the simplest way. */
class Counts {
  private readonly restarts = new Map<string, { readonly at: Array<number>; outside: number }>()
  private readonly tree: Tree

  constructor(tree: Tree) {
    this.tree = tree
  }

  note(news: News, at: number): void {
    // A supervisor that starts counts anew; so does a child that has failed.
    if (news._tag === "Starting" && news.type !== "worker") this.forget(news.path)
    if (news._tag === "Failed") this.restarts.delete(keyOf(parentOf(news.path), news.path))
    if (news._tag !== "RestartCounted") return
    const key = this.counter(news.culprit)
    let counted = this.restarts.get(key)
    if (counted === undefined) this.restarts.set(key, (counted = { at: [], outside: 0 }))
    counted.at.push(at)
    // Time does not go back, so the oldest restarts leave the window first.
    while ((counted.at[counted.outside] ?? at) < at - this.limits(parentOf(news.culprit)).period) counted.outside++
  }

  /** The restarts that count together with those of this child. */
  of(culprit: string): number {
    return this.count(this.counter(culprit))
  }

  /** The restarts that count against this supervisor. */
  against(sup: string): number {
    return this.count(keyOf(sup, ""))
  }

  limits(path: string): Pick<Supervisor | Pool, "intensity" | "period" | "onIntensity"> {
    const spec = specAt(this.tree, path)
    if (spec === undefined || spec.type === "worker") throw new Error(`${path} is not a supervisor`)
    return spec
  }

  private counter(culprit: string): string {
    const sup = parentOf(culprit)
    return keyOf(sup, this.limits(sup).onIntensity === "failChild" ? culprit : "")
  }

  private count(key: string): number {
    const counted = this.restarts.get(key)
    return counted === undefined ? 0 : counted.at.length - counted.outside
  }

  private forget(sup: string): void {
    for (const key of this.restarts.keys()) if (key.startsWith(keyOf(sup, ""))) this.restarts.delete(key)
  }
}

/** Restarts are counted per supervisor or, with `onIntensity: "failChild"`, per child. */
const keyOf = (sup: string, child: string): string => `${sup} ${child}`

/** The news of this entry, in order. */
export const newsOf = ({ actions }: JournalEntry): ReadonlyArray<News> =>
  actions.flatMap((action) => (action._tag === "News" ? [action.news] : []))
const gaveUp = (news: News, path: string): boolean => news._tag === "Ending" && news.path === path && news.exit._tag === "GaveUp"
const hasFailed = (news: News, path: string): boolean => news._tag === "Failed" && news.path === path

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
          const { path, culprit } = news
          const { intensity, onIntensity } = counts.limits(parentOf(culprit))
          const count = counts.of(culprit)
          if (count !== news.count) return `${path} counts ${news.count} restarts, but there were ${count}.`
          const ends = onIntensity === "failChild" ? hasFailed : gaveUp
          if (count > intensity && !all.some((other) => ends(other, path)))
            return `${path} continues after ${count} restarts in its period, but ${intensity} are allowed.`
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
          const [count, { intensity }] = [counts.against(news.path), counts.limits(news.path)]
          if (count <= intensity) return `${news.path} gives up after ${count} restarts in its period, but ${intensity} are allowed.`
        }
        return undefined
      }
    }
  }
}
