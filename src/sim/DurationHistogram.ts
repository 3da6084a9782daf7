/** How long it took until workers were up again. */

export interface DurationStats {
  readonly count: number
  /** In milliseconds, like those that follow; exact. */
  readonly mean: number
  /** Within a tenth of a per cent of the true value, like `p99`. */
  readonly median: number
  readonly p99: number
  /** Exact. */
  readonly longest: number
}

/** Counts in classes of which each is 0.1 % wider than the one before: a million rehearsals take no more room than one. */
export class DurationHistogram {
  private readonly classes = new Map<number, number>()
  private count = 0
  private sum = 0
  private longest = 0

  add(ms: number): void {
    const of = Math.round(Math.log1p(ms) / WIDTH)
    this.classes.set(of, (this.classes.get(of) ?? 0) + 1)
    this.count++
    this.sum += ms
    this.longest = Math.max(this.longest, ms)
  }

  /** Undefined when nothing was repaired. */
  get repair(): DurationStats | undefined {
    const { count, sum, longest } = this
    return count === 0 ? undefined : { count, mean: sum / count, median: this.quantile(0.5), p99: this.quantile(0.99), longest }
  }

  private quantile(u: number): number {
    let left = u * this.count
    for (const [of, count] of [...this.classes].sort(([one], [other]) => one - other)) {
      left -= count
      if (left < 0) return Math.min(this.longest, Math.round(Math.expm1(of * WIDTH)))
    }
    return this.longest
  }
}

const WIDTH = Math.log(1.001)
