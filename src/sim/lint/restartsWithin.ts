/** How many restarts of one child its backoff allows within a period, at most. */
import { adaptiveDelayMs, highestScore } from "../../core/pacing/Adaptive.ts"
import { delayMs } from "../../core/pacing/Backoff.ts"
import type { AdaptiveBackoff, Backoff, CountedBackoff } from "../../tree/Pacing.ts"

/** Counts up to `enough`. For adaptive backoff it may be slightly too high, never too low. */
export const restartsWithin = (backoff: Backoff, period: number, enough: number): number =>
  backoff.type === "adaptive" ? adaptive(backoff, period, enough) : counted(backoff, period, enough)

/**
 * The most restarts of one child within a closed window, counted up to `enough`; jitter makes every delay as short as
 * possible. The child fails as soon as it starts, except that `resets` times it stays up for `forgetAfter` and its
 * delays start over, which pays once they have grown long. Delays never get shorter, so for each number of resets it is
 * best to spread them evenly.
 */
function counted(backoff: CountedBackoff, period: number, enough: number): number {
  let most = 0
  for (let resets = 0; resets < enough && most < enough; resets++) {
    const series = resets + 1
    let left = period - resets * backoff.forgetAfter
    if (left < resets * delayMs(backoff, 1, 1)) break // each of them comes after a delay
    let count = 1
    for (let attempt = 1; count < enough; attempt++) {
      const wait = delayMs(backoff, attempt, 1)
      const fit = wait === 0 ? enough : Math.min(series, Math.floor(left / wait))
      count += fit
      left -= fit * wait
      if (fit < series) break
    }
    most = Math.max(most, Math.min(count, enough))
  }
  return most
}

/** The resolution at which scores are looked at. */
const SCORE_STEPS = 96
/** At most this many restarts are followed one by one; a supervisor that allows more gets no warning. */
const MAX_FOLLOWED = 5_000

/**
 * Uptime buys shorter delays. For each step of the score, this keeps the least time in which the given number of
 * restarts can lead there, including the delay after the last. Going from one step to another takes the uptime that
 * lowers the score that far, plus the shortest delay of the new step. Scores are rounded to the side that saves time,
 * so the true number is not higher.
 */
function adaptive(policy: AdaptiveBackoff, period: number, enough: number): number {
  const grown = highestScore(policy) - 1
  const scores = Array.from({ length: SCORE_STEPS }, (_, n) => 1 + (grown * n) / (SCORE_STEPS - 1))
  const top = scores[SCORE_STEPS - 1]!
  const waits = scores.map((score) => adaptiveDelayMs(policy, { score, pressure: 0, siblings: 0, draw: 1, spread: 0 }))
  /** The uptime that takes a score of `from` to at most `to`, one more failure included. */
  const uptime = (from: number, to: number): number =>
    to - 1 >= from || to >= top ? 0 : to <= 1 ? Number.POSITIVE_INFINITY : policy.halfLife * Math.log2(from / (to - 1))
  const below = scores.map((_, n) => scores[Math.min(n + 1, SCORE_STEPS - 1)]!)
  const uptimes = below.map((to) => scores.map((from) => uptime(from, to)))
  let least = scores.map((_, n) => (n === 0 ? waits[0]! : Number.POSITIVE_INFINITY))
  for (let count = 1; count < Math.min(enough, MAX_FOLLOWED); count++) {
    const fails = uptimes.map((from) => from.reduce((soonest, ms, n) => Math.min(soonest, least[n]! + ms), Number.POSITIVE_INFINITY))
    if (Math.min(...fails) > period) return count
    least = fails.map((at, to) => at + waits[to]!)
  }
  return enough
}
