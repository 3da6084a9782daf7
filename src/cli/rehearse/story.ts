/** One rehearsal as a story: what happened when, and what came of it. */
import type { News } from "../../core/Action.ts"
import type { JournalEntry } from "../../core/Journal.ts"
import { sayNews } from "../../core/Sentence.ts"
import { CampaignStats } from "../../sim/measure/CampaignStats.ts"
import { type Rehearsal, rehearse, type SimulateOptions } from "../../sim/simulate.ts"
import type { Tree } from "../../tree/Spec.ts"
import type { Paint } from "../print/lines.ts"
import { clockOf, columns, percent, sayDurations, sayEnd, sayFault, silenceRows } from "./figuresText.ts"

/** Longer stories are told with their middle left out. */
const FIRST = 200
const LAST = 40

export interface StoryLine {
  readonly rehearsal: Rehearsal
  readonly news: ReadonlyArray<{ readonly at: number; readonly news: News }>
}

export function live(tree: Tree, options: SimulateOptions): StoryLine {
  const news: Array<{ readonly at: number; readonly news: News }> = []
  const watch = (moment: JournalEntry, at: number): void => {
    for (const action of moment.actions) if (action._tag === "News") news.push({ at, news: action.news })
    options.watch?.(moment, at)
  }
  return { rehearsal: rehearse(tree, { ...options, watch }), news }
}

export function storyOf({ rehearsal, news }: StoryLine, paint: Paint, whole: boolean): string {
  const told = news.filter(({ news }) => !(news._tag === "Starting" && news.type === "worker"))
  const faults = rehearsal.injections.map((fault) => ({ at: fault.at, line: paint("magenta", `* ${sayFault(fault)}`) }))
  const lines = [
    ...faults,
    ...told.map(({ at, news }) => ({ at, line: `${news.path} ${paint(styles[news._tag] ?? "reset", sayNews(news))}` }))
  ]
    .map((line, n) => ({ ...line, n }))
    .sort((one, other) => one.at - other.at || one.n - other.n)
    .map(({ at, line }) => `${paint("dim", clockOf(at))}  ${line}`)
  const left = lines.length - FIRST - LAST
  const shown =
    whole || left <= 0
      ? lines
      : [...lines.slice(0, FIRST), paint("dim", `… ${left} lines left out, which --all shows …`), ...lines.slice(-LAST)]
  return [...shown, "", ...figuresOf(rehearsal)].join("\n")
}

const styles: { readonly [tag in News["_tag"]]?: Parameters<Paint>[0] } = {
  Started: "green",
  StartFailed: "red",
  Exited: "yellow",
  Backoff: "yellow",
  Ending: "red"
}

function figuresOf(rehearsal: Rehearsal): ReadonlyArray<string> {
  const { availability, restarts, escalations, violations, seed } = rehearsal
  const tally = new CampaignStats()
  tally.add(rehearsal)
  const gaveUp = escalations.map(({ at, path }) => `${path} at ${clockOf(at)}`)
  return columns([
    ["seed", String(seed)],
    ["availability", `${percent(availability)} of the time nobody was down who should have been up`],
    ["restarts", String(restarts)],
    ["gave up", gaveUp.length === 0 ? "nobody" : gaveUp.length > 5 ? `${gaveUp.length} times, first ${gaveUp[0]}` : gaveUp.join(", ")],
    ["recovery", sayDurations(tally.campaign.recoveryMs)],
    ...silenceRows(tally.campaign, ""),
    ["the end", sayEnd(rehearsal)],
    ...violations.map(({ at, sentence }) => ["broken", `${clockOf(at)} ${sentence}`] as const)
  ])
}
