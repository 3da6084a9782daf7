/**
 * The tail of the standard normal distribution as −log10 P(Y > y), and its inverse. Exact far beyond y = 38, where the
 * probability itself underflows, so that of two hung children the one that has been silent for longer has the higher φ.
 */

/** −log10 of one half: the tail at y = 0. */
export const MIDDLE = Math.LN2 / Math.LN10

const LN_2_ROOT_PI = Math.log(2 * Math.sqrt(Math.PI))
/** In units of y/√2. Below, the power series of erf is short and precise; above, the continued fraction is short. */
const SERIES_UP_TO = 1.5

/** −log10 P(Y > y). Rises from 0 at −∞ through `MIDDLE` at 0 to ∞, with the same relative precision everywhere. */
export function tailOf(y: number): number {
  const x = Math.abs(y) * Math.SQRT1_2
  // y is squared before it is halved: the square of a rounded y/√2 would be off by 1e-13 at y = 30.
  const lnHalfErfc = x < SERIES_UP_TO ? Math.log(0.5 - erf(x) / 2) : -(y * y) / 2 - LN_2_ROOT_PI - Math.log(fraction(x))
  return y < 0 ? -Math.log1p(-Math.exp(lnHalfErfc)) / Math.LN10 : -lnHalfErfc / Math.LN10
}

/** How many thresholds are cached; a tree has two or three. */
const KNOWN_MOST = 64
const known = new Map<number, number>()

/**
 * The inverse: `tailOf(deviationOf(tail)) = tail`. −∞ at 0, ∞ at ∞. Cached, as few thresholds are asked for at every
 * beat.
 */
export function deviationOf(tail: number): number {
  const found = known.get(tail)
  if (found !== undefined) return found
  if (known.size >= KNOWN_MOST) known.clear()
  const y = tail < MIDDLE ? -upperHalf(mirrored(tail)) : upperHalf(tail)
  known.set(tail, y)
  return y
}

/** The tail above −y, given the tail above y: below the middle only that one has enough digits. */
const mirrored = (tail: number): number => -Math.log10(-Math.expm1(-tail * Math.LN10))

/** The tail grows like y², so from here on the root is exact to a double. */
const ROOT_FROM = 1e20
/** Newton doubles the digits with each step, so five or six are enough. */
const STEPS_MOST = 30

/** The tail is convex in y, so after its first step Newton approaches the root from above and cannot miss it. */
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

/** f in erfc(x) = e^(−x²) / (√π f): x + (1/2)/(x + (2/2)/(x + (3/2)/…)), deep enough for a double. */
function fraction(x: number): number {
  let f = x
  for (let n = Math.ceil(20 + 400 / (x * x)); n > 0; n--) f = x + n / 2 / f
  return f
}
