/** Which configurations no other beats, and what another group achieves with the same detection time. */
import type { Configuration } from "./replay.ts"

/**
 * The configurations for which no other is as quick with fewer mistakes, or quicker with as few. In order of detection
 * time.
 */
export function front(configurations: ReadonlyArray<Configuration>): ReadonlyArray<Configuration> {
  const sorted = [...configurations].sort((a, b) => a.detectionMs - b.detectionMs || a.mistakes - b.mistakes)
  let fewest = Number.POSITIVE_INFINITY
  return sorted.filter(({ mistakes }) => {
    if (mistakes >= fewest) return false
    fewest = mistakes
    return true
  })
}

export interface Compared {
  readonly ours: Configuration
  /** The best of the others that is as quick, or up to 2 % slower. */
  readonly theirs: Configuration | undefined
  /** Their mistakes divided by ours; if we made none, as if it had been one. */
  readonly ratio: number | undefined
}

/** The best of a group that takes no longer. */
export const bestWithin = (configurations: ReadonlyArray<Configuration>, detectionMs: number): Configuration | undefined =>
  configurations
    .filter((setting) => setting.detectionMs <= detectionMs)
    .sort((a, b) => a.mistakes - b.mistakes || a.detectionMs - b.detectionMs)[0]

/** The detection times in ms within which groups are compared. */
export const WITHIN_MS = [300, 400, 500, 650, 800, 1000, 1300, 1600, 2000, 3000]

/** Allows for the steps between configurations. */
const AS_QUICK = 1.02

export const compare = (ours: ReadonlyArray<Configuration>, theirs: ReadonlyArray<Configuration>): ReadonlyArray<Compared> =>
  ours.map((setting) => {
    const best = bestWithin(theirs, setting.detectionMs * AS_QUICK)
    return { ours: setting, theirs: best, ratio: best === undefined ? undefined : best.mistakes / Math.max(1, setting.mistakes) }
  })
