/**
 * How suspicious a silence is, given the intervals between beats: φ = −log10 of the probability that a live child is
 * silent for longer. (Hayashibara and others, "The φ accrual failure detector", SRDS 2004.) Each model has an inverse,
 * so there is no need to poll: set one timer for `timeoutFor`.
 */
import { deviationOf, MIDDLE, tailOf } from "./NormalTail.ts"

/**
 * What is known of the intervals, in ms. `excess`: the longest silence so far, less the mean. The caller applies floors
 * for the precision of clocks and schedulers: sd 0 means that a beat is never even a microsecond late.
 */
export type PhiModel =
  | { readonly kind: "normal"; readonly mean: number; readonly sd: number }
  | { readonly kind: "exponential"; readonly mean: number }
  | { readonly kind: "hybrid"; readonly mean: number; readonly sd: number; readonly excess: number }

/**
 * φ of a silence as long as the longest so far, in the hybrid model: of 10,000 intervals the longest is exceeded once
 * in 10,001.
 */
const PHI_OF_WORST = 4

/**
 * φ of a silence of `elapsed` ms. Continuous, never decreasing in `elapsed`, and the same if all times are scaled
 * alike.
 *
 * - normal: the exact tail of the normal distribution.
 * - exponential: elapsed / mean × log10 e; the spread of the intervals plays no part.
 * - hybrid: up to the mean, normal. Above it, the smaller of that and a line that is 4 for a silence as long as the
 *   longest so far, and 8 at twice that excess over the mean. The tail of the normal distribution is far too thin, so
 *   here it can only lower φ.
 *
 * Total: a negative or NaN silence is 0, a NaN in the model means unbounded and so gives 0, a negative spread is 0. ∞
 * only for an endless silence, for a late beat in a model without spread (sd or mean 0), or beyond 1e308. Never NaN.
 */
export function phi(elapsed: number, model: PhiModel): number {
  const t = none(elapsed, 0)
  const mean = none(model.mean, Number.POSITIVE_INFINITY)
  if (mean === Number.POSITIVE_INFINITY) return 0
  switch (model.kind) {
    case "exponential":
      return over(t, mean) / Math.LN10
    case "normal":
      return normal(t - mean, model.sd)
    case "hybrid": {
      const body = normal(t - mean, model.sd)
      return t > mean ? Math.max(MIDDLE, Math.min(body, PHI_OF_WORST * over(t - mean, none(model.excess, Number.POSITIVE_INFINITY)))) : body
    }
  }
}

/**
 * The silence in ms from which on φ is at least `threshold` (at a jump of φ, where it jumps): the inverse of `phi`, in
 * closed form except for the normal tail. 0 for a threshold of 0 or less, ∞ for one that is never reached (∞, NaN, or a
 * mean of ∞).
 */
export function timeoutFor(threshold: number, model: PhiModel): number {
  const mean = none(model.mean, Number.POSITIVE_INFINITY)
  if (threshold <= 0) return 0
  if (!(threshold < Number.POSITIVE_INFINITY) || mean === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  switch (model.kind) {
    case "exponential":
      return mean * threshold * Math.LN10
    case "normal":
      return Math.max(0, mean + spread(model.sd, deviationOf(threshold)))
    case "hybrid": {
      const body = spread(model.sd, deviationOf(threshold))
      const tail = spread(none(model.excess, Number.POSITIVE_INFINITY), threshold / PHI_OF_WORST)
      return Math.max(0, mean + (threshold > MIDDLE ? Math.max(body, tail) : body))
    }
  }
}

/** `instead` of NaN, and 0 instead of a negative time. */
const none = (time: number, instead: number): number => (Number.isNaN(time) ? instead : Math.max(0, time))

const normal = (late: number, sd: number): number => tailOf(signed(late, none(sd, Number.POSITIVE_INFINITY)))

/**
 * a/b with 0/0 = 0 and ∞/∞ = 0: a beat exactly on time is in the middle, and so is any beat if the spread is unbounded.
 */
const signed = (a: number, b: number): number => (a === 0 || b === Number.POSITIVE_INFINITY ? 0 : a / b)
const over = (a: number, b: number): number => Math.max(0, signed(a, b))

/** times × deviation with 0 × ∞ = 0. */
const spread = (sd: number, deviation: number): number => {
  const width = none(sd, Number.POSITIVE_INFINITY)
  return width === 0 || deviation === 0 ? 0 : width * deviation
}
