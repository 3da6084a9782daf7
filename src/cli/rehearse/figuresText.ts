/** The figures of rehearsals as text: shares as percentages, times as durations, and how sure they are. */
import { sayExit } from "../../core/Sentence.ts"
import type { DurationStats } from "../../sim/DurationHistogram.ts"
import type { Campaign } from "../../sim/measure/CampaignStats.ts"
import type { Estimate } from "../../sim/measure/Estimate.ts"
import type { Rehearsal } from "../../sim/simulate.ts"
import type { ScheduledInjection } from "../../sim/world/Injection.ts"
import { sayDuration } from "../../tree/duration.ts"

/** `00:05:03.100` since the start. */
export function clockOf(ms: number): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, "0")
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, "0")}`
}

/** `99.87 %`; the closer to 100 %, the more digits, so that what is missing shows. */
export function percent(share: number): string {
  const missing = 1 - share
  if (share === 0 || missing < 1e-9) return share === 0 ? "0 %" : "100 %"
  return `${(share * 100).toFixed(Math.min(6, Math.max(2, Math.ceil(-Math.log10(missing)))))} %`
}

const few = (n: number): string => (Number.isInteger(n) ? String(n) : n >= 100 ? n.toFixed(0) : n >= 1 ? n.toFixed(1) : n.toPrecision(2))

/** `99.1 % (98.7 to 99.4)`; without the interval if it has no width. */
export const sayShare = ({ mean, low, high }: Estimate): string =>
  low === high
    ? percent(mean)
    : `${percent(mean)} (${percent(Math.max(0, low)).slice(0, -2)} to ${percent(Math.min(1, high)).slice(0, -2)})`

export const sayNumber = ({ mean, low, high }: Estimate): string =>
  low === high ? few(mean) : `${few(mean)} (${few(Math.max(0, low))} to ${few(high)})`

export function sayDurations(repair: DurationStats | undefined): string {
  if (repair === undefined) return "none was needed"
  const { count, median, p99, longest } = repair
  if (count === 1) return `once, within ${sayDuration(longest)}`
  return `${count} times: half within ${sayDuration(median)}, 99 % within ${sayDuration(p99)}, the longest took ${sayDuration(longest)}`
}

/** What was found of hangs and mistaken for them; without the lines that would be empty. */
export const silenceRows = ({ detectionMs, falseConvictions }: Campaign, each: string): ReadonlyArray<readonly [string, string]> => [
  ...(detectionMs === undefined ? [] : [["hangs found", sayDurations(detectionMs)] as const]),
  ...(falseConvictions.mean === 0 ? [] : [["mistaken", `${sayNumber(falseConvictions)} convicted${each} that had only paused`] as const])
]

export const sayEnd = ({ ended }: Rehearsal): string =>
  ended === undefined ? "it was still running" : `down at ${clockOf(ended.at)}: it ${sayExit(ended.exit)}`

/** Names and values, aligned. */
export function columns(rows: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  return rows.map(([name, value]) => `${name.padEnd(width)}${value}`)
}

/** The availability of each worker of a campaign, the worst first. */
export function sayWorkers({ workers }: Campaign, most: number): ReadonlyArray<string> {
  const sorted = [...workers].sort(([, one], [, other]) => one.mean - other.mean)
  const rows = sorted.slice(0, most).map(([path, share]) => [path, sayShare(share)] as const)
  const left = sorted.length - rows.length
  return [...columns(rows.map(([path, share]) => [`  ${path}`, share])), ...(left > 0 ? [`  and ${left} more, none of them worse`] : [])]
}

/** A fault as text. */
export function sayFault(fault: ScheduledInjection): string {
  const span = "forMs" in fault ? ` for ${sayDuration(fault.forMs)}` : ""
  switch (fault.type) {
    case "kill":
      return `${fault.path} is killed`
    case "hang":
      return `${fault.path} hangs`
    case "pause":
      return `${fault.path} does nothing${span}`
    case "outage":
      return `an outage of ${fault.path}${span}`
    case "hint":
      return `${fault.path} has changed`
    case "spawnErrors":
      return `nothing can be started at ${fault.path}${span}`
    case "swizzle":
      return `each child at ${fault.path} goes away and comes back${span}`
    case "stall":
      return `the supervisor does not run${span}`
    case "suspend":
      return `nothing runs${span}`
    case "clockJump":
      return `the clock jumps ${sayDuration(Math.abs(fault.byMs))} ${fault.byMs < 0 ? "back" : "ahead"}`
  }
}
