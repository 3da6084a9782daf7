/** The clock of heartbeats. */

/**
 * Milliseconds of CLOCK_MONOTONIC, with fractions. `performance.now()` is the same clock counted from the start of this process; this one
 * counts as `clock_gettime` does in every other process of the machine, so that their stamps can be compared with our times. It stands still
 * while the machine sleeps, and knows nothing of the time of day.
 */
export function monotonicMs(): number {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1e3 + nanos / 1e6
}
