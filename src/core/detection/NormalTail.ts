/**
 * How unlikely a standard normal value above y is, as −log10 of its probability, and back. Exact far beyond where the probability itself
 * is no double any more (y = 38), so that of two dead children the one that is silent for longer stays the worse.
 */

/** −log10 of one half: what lies beyond the middle. */
export const MIDDLE = Math.LN2 / Math.LN10

const LN_2_ROOT_PI = Math.log(2 * Math.sqrt(Math.PI))
/** Below it the power series of erf is short and loses no digits that matter; above it the continued fraction is short. In units of y/√2. */
const SERIES_UP_TO = 1.5

/** −log10 P(Y > y). Rises from 0 at −∞ through `MIDDLE` at 0 to ∞; small values are as exact, relatively, as large ones. */
export function tailOf(y: number): number {
  const x = Math.abs(y) * Math.SQRT1_2
  // Squared before it is halved: of a rounded y/√2 the square would be off by 1e-13 at y = 30.
  const lnHalfErfc = x < SERIES_UP_TO ? Math.log(0.5 - erf(x) / 2) : -(y * y) / 2 - LN_2_ROOT_PI - Math.log(fraction(x))
  return y < 0 ? -Math.log1p(-Math.exp(lnHalfErfc)) / Math.LN10 : -lnHalfErfc / Math.LN10
}

/** Distinct thresholds that are remembered; there are two or three in a tree. */
const KNOWN_MOST = 64
const known = new Map<number, number>()

/** The y of a tail: `tailOf(deviationOf(tail)) = tail`. −∞ at 0, ∞ at ∞. Thresholds are few and asked for at every beat, so they are kept. */
export function deviationOf(tail: number): number {
  const found = known.get(tail)
  if (found !== undefined) return found
  if (known.size >= KNOWN_MOST) known.clear()
  const y = tail < MIDDLE ? -upperHalf(mirrored(tail)) : upperHalf(tail)
  known.set(tail, y)
  return y
}

/** Of the tail above y, the tail above −y: below the middle there are digits in that one only. */
const mirrored = (tail: number): number => -Math.log10(-Math.expm1(-tail * Math.LN10))

/** The tail grows like y², so from here on its root is all there is to a double. */
const ROOT_FROM = 1e20
/** Newton doubles the digits; five or six are taken. */
const STEPS_MOST = 30

/** The tail is convex in y: from its first step on, Newton comes down to the root from above and cannot miss it. */
function upperHalf(tail: number): number {
  if (tail >= ROOT_FROM) return Math.sqrt(2 * Math.LN10) * Math.sqrt(tail)
  const twice = 2 * tail * Math.LN10
  let y = Math.sqrt(Math.max(0, twice - Math.log(2 * Math.PI * Math.max(1, twice))))
  for (let n = 0; n < STEPS_MOST; n++) {
    const step = ((tailOf(y) - tail) * Math.LN10) / hazard(y)
    y -= step
    if (Math.abs(step) <= 1e-16 * Math.abs(y)) break
  }
  return y
}

/** Density over tail probability at y ≥ 0: the slope of the logarithm of the tail. */
function hazard(y: number): number {
  const x = y * Math.SQRT1_2
  return x < SERIES_UP_TO ? Math.exp(-(y * y) / 2) / Math.sqrt(2 * Math.PI) / (0.5 - erf(x) / 2) : Math.SQRT2 * fraction(x)
}

/** (2/√π) e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, all terms positive. */
function erf(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** f of erfc(x) = e^(−x²) / (√π f): x + (1/2)/(x + (2/2)/(x + (3/2)/…)), from the depth at which it no longer changes a double. */
function fraction(x: number): number {
  let f = x
  for (let n = Math.ceil(20 + 400 / (x * x)); n > 0; n--) f = x + n / 2 / f
  return f
}
