/**
 * Adaptive backoff: a score instead of a count of attempts. Each failure adds 1; uptime halves the score every
 * `halfLife`. Only uptime counts, not time on the clock. So the score of a child that is up for u each time converges
 * to 1 / (1 − 2^(−u / halfLife)), whatever it was before.
 */
import type { AdaptiveBackoff } from "../../tree/Pacing.ts"

/** What the delay depends on, beside the policy. */
interface Circumstances {
  /** After this failure. */
  readonly score: number
  /** How short of CPU or memory the machine is, in [0, 1]. */
  readonly pressure: number
  /** Siblings that failed in the same second. */
  readonly siblings: number
  /** Two numbers in [0, 1): `draw` is for the jitter, `spread` spreads siblings. */
  readonly draw: number
  readonly spread: number
}

/** A higher score would not make the delay longer, only the recovery. */
export const highestScore = ({ min, max, factor }: AdaptiveBackoff): number => 1 + Math.max(0, Math.log(max / min) / Math.log(factor))

/** The score after one more failure, which ended `uptimeMs` of being up; 0 if it never was. */
export function nextScore(policy: AdaptiveBackoff, score: number, uptimeMs: number): number {
  return Math.min(highestScore(policy), 1 + remaining(policy, score, uptimeMs))
}

/** What is left of a score after this uptime. A negative uptime changes nothing. */
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
