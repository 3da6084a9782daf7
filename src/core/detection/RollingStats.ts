/**
 * Mean, spread and maximum of the last numbers, kept in sixteen buckets instead of one cell for each; the oldest bucket
 * is dropped as a whole. A child takes two KiB in all, adding a number costs the same however many there are, and since
 * nothing is ever subtracted, rounding errors do not add up and no variance becomes negative.
 */

/** A window holds at least 15/16 of its size. More buckets would make that steadier, and take more memory. */
const BUCKETS = 16

/** The number of values, their mean, and the sum of their squared distances from it. */
export interface Sample {
  readonly n: number
  readonly mean: number
  readonly squares: number
}
const EMPTY: Sample = { n: 0, mean: 0, squares: 0 }

/** Plain data. `ring` is a ring buffer; `open` is the newest bucket, `closed` the sum of all others. */
export interface RollingStats {
  readonly ring: Array<Sample>
  next: number
  closed: Sample
  open: Sample
}
export const emptyStats = (): RollingStats => ({ ring: [], next: 0, closed: EMPTY, open: EMPTY })

/**
 * Adds one (Welford), in a window of the last `size`. Amortised O(1): the closed buckets are summed once per bucket.
 */
export function addTo(spread: RollingStats, value: number, size: number): void {
  const { n, mean, squares } = spread.open
  const towards = mean + (value - mean) / (n + 1)
  spread.open = { n: n + 1, mean: towards, squares: squares + (value - mean) * (value - towards) }
  if (spread.open.n < size / BUCKETS) return
  spread.ring[spread.next] = spread.open
  spread.next = (spread.next + 1) % (BUCKETS - 1)
  spread.closed = spread.ring.reduce(together, EMPTY)
  spread.open = EMPTY
}

export const sampleOf = (spread: RollingStats): Sample => together(spread.closed, spread.open)

/** Two samples as one (Chan, Golub and LeVeque 1979). */
function together(a: Sample, b: Sample): Sample {
  const n = a.n + b.n
  if (a.n === 0 || b.n === 0) return a.n === 0 ? b : a
  const apart = b.mean - a.mean
  return { n, mean: a.mean + (apart * b.n) / n, squares: a.squares + b.squares + (apart * apart * a.n * b.n) / n }
}

/** The longest of the last values. Plain data. */
export interface Longest {
  readonly ring: Array<number>
  next: number
  /** How many are in the newest bucket. */
  n: number
}
export const emptyLongest = (): Longest => ({ ring: [0], next: 0, n: 0 })

/** Adds one, in a window of the last `size`. */
export function enter(longest: Longest, value: number, size: number): void {
  if (longest.n >= size / BUCKETS) {
    longest.next = (longest.next + 1) % BUCKETS
    longest.ring[longest.next] = 0
    longest.n = 0
  }
  longest.n++
  longest.ring[longest.next] = Math.max(longest.ring[longest.next]!, value)
}

export const longestOf = (longest: Longest): number => Math.max(...longest.ring)
