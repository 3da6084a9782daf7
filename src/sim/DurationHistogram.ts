/** Durations, such as the time until a worker was up again, in constant memory. */

export interface DurationStats {
  readonly count: number
  /** All durations are in milliseconds. The mean is exact. */
  readonly mean: number
  /** `median` and `p99` are within 0.1 % of the true value. */
  readonly median: number
  readonly p99: number
  /** Exact. */
  readonly longest: number
}

/** Buckets grow by 0.1 % each, so a million durations take no more memory than one. */
export class DurationHistogram {
  private readonly buckets = new Map<number, number>()
  private count = 0
  private sum = 0
  private longest = 0

  add(ms: number): void {
    const bucket = Math.round(Math.log1p(ms) / BUCKET_WIDTH)
    this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + 1)
    this.count++
    this.sum += ms
    this.longest = Math.max(this.longest, ms)
  }

  /** Undefined when nothing was added. */
  get stats(): DurationStats | undefined {
    const { count, sum, longest } = this
    return count === 0 ? undefined : { count, mean: sum / count, median: this.quantile(0.5), p99: this.quantile(0.99), longest }
  }

  private quantile(u: number): number {
    let left = u * this.count
    for (const [bucket, count] of [...this.buckets].sort(([one], [other]) => one - other)) {
      left -= count
      if (left < 0) return Math.min(this.longest, Math.round(Math.expm1(bucket * BUCKET_WIDTH)))
    }
    return this.longest
  }
}

const BUCKET_WIDTH = Math.log(1.001)
