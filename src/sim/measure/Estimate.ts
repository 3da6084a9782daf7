/** What many rehearsals say of a figure: its mean, and where the true mean is to be looked for. */

export interface Estimate {
  readonly mean: number
  /** The ends of its 95 % confidence interval. */
  readonly low: number
  readonly high: number
}

/** By Student's t, so that few samples promise little. One sample, or none, says nothing of its spread: then the interval is the mean. */
export function estimate(samples: ReadonlyArray<number>): Estimate {
  const n = samples.length
  const mean = n === 0 ? 0 : samples.reduce((sum, one) => sum + one, 0) / n
  if (n < 2) return { mean, low: mean, high: mean }
  const variance = samples.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (n - 1)
  const half = studentT(n - 1) * Math.sqrt(variance / n)
  return { mean, low: mean - half, high: mean + half }
}

/** Of a share: the interval of Wilson (1927), which stays within [0, 1] and has a width also when nothing, or everything, was hit. */
export function shareOf(hits: number, n: number): Estimate {
  if (n === 0) return { mean: 0, low: 0, high: 1 }
  const [p, z2] = [hits / n, Z * Z]
  const middle = (p + z2 / (2 * n)) / (1 + z2 / n)
  const half = (Z / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))
  return { mean: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** The value below which the share `u` of them lies. Undefined when there is none. */
export function percentile(sorted: ReadonlyArray<number>, u: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(u * sorted.length))]
}

const Z = 1.959964

/** The 97.5 % quantile of Student's t: exact for one and two degrees of freedom, then the expansion of Abramowitz and Stegun, 26.7.5. */
function studentT(degrees: number): number {
  if (degrees === 1) return 12.7062
  if (degrees === 2) return 4.30265
  const [n, x] = [degrees, Z]
  const [x3, x5, x7, x9] = [x ** 3, x ** 5, x ** 7, x ** 9]
  const g1 = (x3 + x) / 4
  const g2 = (5 * x5 + 16 * x3 + 3 * x) / 96
  const g3 = (3 * x7 + 19 * x5 + 17 * x3 - 15 * x) / 384
  const g4 = (79 * x9 + 776 * x7 + 1482 * x5 - 1920 * x3 - 945 * x) / 92_160
  return x + g1 / n + g2 / n ** 2 + g3 / n ** 3 + g4 / n ** 4
}
