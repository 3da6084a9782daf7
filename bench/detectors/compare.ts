/** Which settings no other beats, and what another group makes of the same detection time. */
import type { Setting } from "./replay.ts"

/** Nobody is as quick with fewer mistakes, nor quicker with as few. In order of detection time. */
export function front(settings: ReadonlyArray<Setting>): ReadonlyArray<Setting> {
  const sorted = [...settings].sort((a, b) => a.detectionMs - b.detectionMs || a.mistakes - b.mistakes)
  let fewest = Number.POSITIVE_INFINITY
  return sorted.filter(({ mistakes }) => {
    if (mistakes >= fewest) return false
    fewest = mistakes
    return true
  })
}

export interface Compared {
  readonly ours: Setting
  /** The best of theirs that is as quick, or 2 % slower. */
  readonly theirs: Setting | undefined
  /** Their mistakes to ours; where we made none, as if it had been one. */
  readonly ratio: number | undefined
}

/** The best of a group that takes no longer. */
export const bestWithin = (settings: ReadonlyArray<Setting>, detectionMs: number): Setting | undefined =>
  settings
    .filter((setting) => setting.detectionMs <= detectionMs)
    .sort((a, b) => a.mistakes - b.mistakes || a.detectionMs - b.detectionMs)[0]

/** The detection times in ms within which groups are compared. */
export const WITHIN_MS = [300, 400, 500, 650, 800, 1000, 1300, 1600, 2000, 3000]

/** Steps between settings are no one's fault. */
const AS_QUICK = 1.02

export const compare = (ours: ReadonlyArray<Setting>, theirs: ReadonlyArray<Setting>): ReadonlyArray<Compared> =>
  ours.map((setting) => {
    const best = bestWithin(theirs, setting.detectionMs * AS_QUICK)
    return { ours: setting, theirs: best, ratio: best === undefined ? undefined : best.mistakes / Math.max(1, setting.mistakes) }
  })
