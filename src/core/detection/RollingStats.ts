/**
 * Mean, spread and maximum over the last so many numbers, in sixteen buckets instead of one cell for each: whole buckets go, the oldest
 * first. A channel takes two KiB in all, a number costs the same however many there are, and as nothing is ever subtracted, no
 * rounding gathers and no variance can become negative.
 */

/** With more the window's length were steadier, and its ring longer: of sixteen it holds at least 15/16 of what it is named for. */
const BUCKETS = 16

/** A sample, by how many there are, their mean, and the sum of their squared distances from it. */
export interface Sample {
  readonly n: number
  readonly mean: number
  readonly squares: number
}
const EMPTY: Sample = { n: 0, mean: 0, squares: 0 }

/** Plain data. The ring is filled in order and then written round; `open` is the youngest bucket, `closed` all the others together. */
export interface RollingStats {
  readonly ring: Array<Sample>
  next: number
  closed: Sample
  open: Sample
}
export const emptyStats = (): RollingStats => ({ ring: [], next: 0, closed: EMPTY, open: EMPTY })

/** Adds one (Welford), in a window of the last `size`. Amortised O(1): the closed ones are added up once a bucket. */
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

/** The longest of the last so many. Plain data. */
export interface Longest {
  readonly ring: Array<number>
  next: number
  /** In the youngest bucket. */
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
