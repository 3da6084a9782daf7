/** One rehearsal as a story: what happened when, and the figures. */
import type { News } from "../../core/Action.ts"
import type { JournalEntry } from "../../core/Journal.ts"
import { sayNews } from "../../core/Sentence.ts"
import { CampaignStats } from "../../sim/measure/CampaignStats.ts"
import { type Rehearsal, rehearse, type SimulateOptions } from "../../sim/simulate.ts"
import type { Tree } from "../../tree/Spec.ts"
import type { Paint } from "../print/lines.ts"
import { clockOf, columns, percent, sayDurations, sayEnd, sayFault, silenceRows } from "./figuresText.ts"

/** In longer stories the middle is left out. */
const FIRST_LINES = 200
const LAST_LINES = 40

export interface Story {
  readonly rehearsal: Rehearsal
  readonly news: ReadonlyArray<{ readonly at: number; readonly news: News }>
}

export function rehearseWithNews(tree: Tree, options: SimulateOptions): Story {
  const news: Array<{ readonly at: number; readonly news: News }> = []
  const watch = (entry: JournalEntry, at: number): void => {
    for (const action of entry.actions) if (action._tag === "News") news.push({ at, news: action.news })
    options.watch?.(entry, at)
  }
  return { rehearsal: rehearse(tree, { ...options, watch }), news }
}

export function storyOf({ rehearsal, news }: Story, paint: Paint, isWhole: boolean): string {
  const shownNews = news.filter(({ news }) => !(news._tag === "Starting" && news.type === "worker"))
  const faults = rehearsal.injections.map((fault) => ({ at: fault.at, line: paint("magenta", `* ${sayFault(fault)}`) }))
  const lines = [
    ...faults,
    ...shownNews.map(({ at, news }) => ({ at, line: `${news.path} ${paint(styles[news._tag] ?? "reset", sayNews(news))}` }))
  ]
    .map((line, n) => ({ ...line, n }))
    .sort((one, other) => one.at - other.at || one.n - other.n)
    .map(({ at, line }) => `${paint("dim", clockOf(at))}  ${line}`)
  const left = lines.length - FIRST_LINES - LAST_LINES
  const shown =
    isWhole || left <= 0
      ? lines
      : [...lines.slice(0, FIRST_LINES), paint("dim", `… ${left} lines left out; --all shows them …`), ...lines.slice(-LAST_LINES)]
  return [...shown, "", ...figuresOf(rehearsal)].join("\n")
}

const styles: { readonly [tag in News["_tag"]]?: Parameters<Paint>[0] } = {
  Started: "green",
  StartFailed: "red",
  Exited: "yellow",
  Backoff: "yellow",
  Failed: "red",
  Ending: "red"
}

function figuresOf(rehearsal: Rehearsal): ReadonlyArray<string> {
  const { availability, restarts, failures, escalations, violations, seed } = rehearsal
  const stats = new CampaignStats()
  stats.add(rehearsal)
  const gaveUp = escalations.map(({ at, path }) => `${path} at ${clockOf(at)}`)
  return columns([
    ["seed", String(seed)],
    ["availability", `${percent(availability)} of the time all required workers were up`],
    ["restarts", String(restarts)],
    ...(failures === 0 ? [] : [["failed", failures === 1 ? "1 child, once" : `${failures} times a child`] as const]),
    ["gave up", gaveUp.length === 0 ? "none" : gaveUp.length > 5 ? `${gaveUp.length} times, first ${gaveUp[0]}` : gaveUp.join(", ")],
    ["recovery", sayDurations(stats.campaign.recoveryMs)],
    ...silenceRows(stats.campaign, ""),
    ["the end", sayEnd(rehearsal)],
    ...violations.map(({ at, sentence }) => ["broken", `${clockOf(at)} ${sentence}`] as const)
  ])
}
