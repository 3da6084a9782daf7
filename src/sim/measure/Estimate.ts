/** A figure over many runs: its mean, and an interval for the true mean. */

export interface Estimate {
  readonly mean: number
  /** The 95 % confidence interval. */
  readonly low: number
  readonly high: number
}

/** Mean and variance in one pass, keeping no values. (Welford 1962) */
export class Sample {
  private n = 0
  private mean = 0
  private squares = 0

  add(figure: number): void {
    this.n++
    const deviation = figure - this.mean
    this.mean += deviation / this.n
    this.squares += deviation * (figure - this.mean)
  }

  /**
   * Student's t, so few values give a wide interval. Fewer than two say nothing about the spread: the interval is the
   * mean.
   */
  get estimate(): Estimate {
    const { n, mean, squares } = this
    const half = n < 2 ? 0 : studentT(n - 1) * Math.sqrt(squares / (n - 1) / n)
    return { mean, low: mean - half, high: mean + half }
  }
}

/** The estimate of a share: the interval of Wilson (1927), which stays within [0, 1] and is not empty at 0 or 1. */
export function shareOf(hits: number, n: number): Estimate {
  if (n === 0) return { mean: 0, low: 0, high: 1 }
  const [p, z2] = [hits / n, Z * Z]
  const middle = (p + z2 / (2 * n)) / (1 + z2 / n)
  const half = (Z / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))
  return { mean: p, low: hits === 0 ? 0 : middle - half, high: hits === n ? 1 : middle + half }
}

const Z = 1.959964

/** The 97.5 % quantile of Student's t: exact for one and two degrees of freedom, else Abramowitz and Stegun 26.7.5. */
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
