/**
 * Adaptive backoff: a score instead of a count. Each failure adds 1 to what is left of the score, and so much of it is left as the uptime before
 * has not forgiven: half of it after every `halfLife`. It is the time alive that forgives, not the time on the clock; so a child that lives
 * for u each time comes to rest at a score of 1 / (1 − 2^(−u / halfLife)), whatever its past.
 */
import type { AdaptiveBackoff } from "../../tree/Pacing.ts"

/** What the wait depends on, beside the policy. */
interface Circumstances {
  /** After this failure. */
  readonly score: number
  /** How short of CPU or memory the machine is, in [0, 1]. */
  readonly pressure: number
  /** Siblings that failed in the same second. */
  readonly siblings: number
  /** Two numbers in [0, 1): one takes off the jitter, the other spreads the siblings. */
  readonly draw: number
  readonly spread: number
}

/** A score above this would not make the wait longer, only the way back. */
export const highestScore = ({ min, max, factor }: AdaptiveBackoff): number => 1 + Math.max(0, Math.log(max / min) / Math.log(factor))

/** The score after one more failure, which ended `uptimeMs` of being up; 0 if it never was. */
export function nextScore(policy: AdaptiveBackoff, score: number, uptimeMs: number): number {
  return Math.min(highestScore(policy), 1 + remaining(policy, score, uptimeMs))
}

/** What so much uptime leaves of a score. A clock that went back forgives nothing. */
export const remaining = ({ halfLife }: AdaptiveBackoff, score: number, uptimeMs: number): number =>
  uptimeMs > 0 ? score * 2 ** (-uptimeMs / halfLife) : score

/** Milliseconds until the next start: never less than `min`, never more than `max`. */
export function adaptiveDelayMs(policy: AdaptiveBackoff, { score, pressure, siblings, draw, spread }: Circumstances): number {
  const { min, max, factor, jitter, startRate } = policy
  const within = (ms: number): number => Math.min(max, Math.max(min, ms))
  const base = within(min * factor ** (Math.min(score, highestScore(policy)) - 1))
  const pressed = Math.min(max, base * (1 + policy.pressure * Math.min(1, Math.max(0, pressure || 0))))
  return Math.round(within(within(pressed * (1 - jitter * draw)) + (spread * siblings * 1000) / startRate))
}
