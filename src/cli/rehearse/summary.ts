/**
 * Many rehearsals in a few lines, with the worst one and the command that shows it; and variants of a tree as a table.
 */
import type { DurationStats } from "../../sim/DurationHistogram.ts"
import type { Campaign } from "../../sim/measure/CampaignStats.ts"
import type { Variant } from "../../sim/measure/whatIf.ts"
import { sayDuration } from "../../tree/duration.ts"
import { columns, percent, sayDurations, sayEnd, sayNumber, sayShare, sayWorkers, silenceRows } from "./figuresText.ts"

/** How many workers are listed. */
const MAX_WORKERS = 12

export function summaryOf(campaign: Campaign, seed: number, replay: (seed: number) => string): string {
  const { runs, availability, restarts, failures, escalations, ended, recoveryMs, worst, violations } = campaign
  return [
    ...columns([
      ["rehearsals", runs === 1 ? `1, with seed ${seed}` : `${runs}, with seeds ${seed} to ${seed + runs - 1}`],
      ["availability", sayShare(availability)],
      ["restarts", `${sayNumber(restarts)} in each`],
      ["failed", `${sayNumber(failures)} children in each`],
      ["gave up", `${sayNumber(escalations)} supervisors in each`],
      ["ended", `${sayShare(ended)} of the trees before their time`],
      ["recovery", sayDurations(recoveryMs)],
      ...silenceRows(campaign, " in each"),
      ["worst", `seed ${worst.seed}: ${percent(worst.availability)}, ${worst.restarts} restarts, ${sayEnd(worst)}`]
    ]),
    `  ${replay(worst.seed)}`,
    ...violations.map((broken) => `broken: ${broken.sentence} ${replay(broken.seed)}`),
    "",
    "availability of each, the worst first:",
    ...sayWorkers(campaign, MAX_WORKERS)
  ].join("\n")
}

/**
 * One row for each variant. What it gained is compared run by run, so it is surer than the availabilities. If anything
 * was convicted, two more columns say how soon hangs were found, and how many workers per run were convicted that had
 * only paused.
 */
export function tableOf(variants: ReadonlyArray<Variant>): string {
  const silence = variants.some(({ campaign }) => campaign.detectionMs !== undefined || campaign.falseConvictions.mean > 0)
  const rows = variants.map(({ name, campaign, gained }, n) => [
    name,
    sayShare(campaign.availability),
    n === 0 ? "" : sayGain(gained),
    sayNumber(campaign.restarts),
    sayNumber(campaign.failures),
    sayNumber(campaign.escalations),
    percent(campaign.ended.mean),
    sayHalves(campaign.recoveryMs),
    ...(silence ? [sayHalves(campaign.detectionMs), sayNumber(campaign.falseConvictions)] : [])
  ])
  const titles = ["VARIANT", "AVAILABILITY", "GAINED", "RESTARTS", "FAILED", "GAVE UP", "ENDED", "RECOVERY 50 % / 99 %"]
  if (silence) titles.push("HANGS FOUND 50 % / 99 %", "MISTAKEN")
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  return [titles, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

const sayHalves = (times: DurationStats | undefined): string =>
  times === undefined ? "" : `${sayDuration(times.median)} / ${sayDuration(times.p99)}`

/** In percentage points. If the interval contains zero, nothing may have been gained. */
function sayGain({ mean, low, high }: Variant["gained"]): string {
  const points = (share: number): string => `${share > 0 ? "+" : ""}${(share * 100).toFixed(2)}`
  return `${points(mean)} (${points(low)} to ${points(high)})`
}
