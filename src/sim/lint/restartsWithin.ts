/** How many restarts of one child its backoff lets fall into a closed window, at the most. */
import { adaptiveDelayMs, highestScore } from "../../core/pacing/Adaptive.ts"
import { delayMs } from "../../core/pacing/Backoff.ts"
import type { AdaptiveBackoff, Backoff, CountedBackoff } from "../../tree/Pacing.ts"

/** Counted up to `enough`. For adaptive backoff it may be a few more than there can really be, never fewer. */
export const restartsWithin = (backoff: Backoff, period: number, enough: number): number =>
  backoff.type === "adaptive" ? adaptive(backoff, period, enough) : counted(backoff, period, enough)

/**
 * How many restarts of one child fall into a closed window of this length at most, counted up to `enough`; jitter makes every wait as short
 * as it can. It ends as soon as it has started, except that `lives` times it lives for `forgetAfter`, and its waits begin anew: that is worth
 * the time where they have grown long. Waits never get shorter, so for each number of lives it is best to spread them evenly.
 */
function counted(backoff: CountedBackoff, period: number, enough: number): number {
  let most = 0
  for (let lives = 0; lives < enough && most < enough; lives++) {
    const series = lives + 1
    let left = period - lives * backoff.forgetAfter
    if (left < lives * delayMs(backoff, 1, 1)) break // each of them comes after a wait
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

/** Scores are looked at in so many steps. */
const STEPS = 96
/** So many restarts are followed one by one; who allows more is not warned. */
const FOLLOWED = 5_000

/**
 * Uptime buys shorter waits. For each step of the score, the least time in which so many restarts can have led there, the wait after the last
 * of them included: to come from one step to another takes the uptime that forgives so much, and then the shortest wait that belongs to it.
 * Scores are rounded to the side on which time is saved, so the true number is not higher.
 */
function adaptive(policy: AdaptiveBackoff, period: number, enough: number): number {
  const grown = highestScore(policy) - 1
  const scores = Array.from({ length: STEPS }, (_, n) => 1 + (grown * n) / (STEPS - 1))
  const top = scores[STEPS - 1]!
  const waits = scores.map((score) => adaptiveDelayMs(policy, { score, pressure: 0, siblings: 0, draw: 1, spread: 0 }))
  /** From a score of `from` to one of at most `to`, one more failure included. */
  const uptime = (from: number, to: number): number =>
    to - 1 >= from || to >= top ? 0 : to <= 1 ? Number.POSITIVE_INFINITY : policy.halfLife * Math.log2(from / (to - 1))
  const below = scores.map((_, n) => scores[Math.min(n + 1, STEPS - 1)]!)
  const uptimes = below.map((to) => scores.map((from) => uptime(from, to)))
  let least = scores.map((_, n) => (n === 0 ? waits[0]! : Number.POSITIVE_INFINITY))
  for (let count = 1; count < Math.min(enough, FOLLOWED); count++) {
    const fails = uptimes.map((from) => from.reduce((soonest, ms, n) => Math.min(soonest, least[n]! + ms), Number.POSITIVE_INFINITY))
    if (Math.min(...fails) > period) return count
    least = fails.map((at, to) => at + waits[to]!)
  }
  return enough
}
