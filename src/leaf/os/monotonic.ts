/** The clock that all processes of this machine share. */

/**
 * Milliseconds of CLOCK_MONOTONIC, with fractions. Unlike `performance.now()`, it counts from the same start in every
 * process of the machine, so timestamps of other processes can be compared with it. It stands still while the machine
 * sleeps, and does not know the time of day.
 */
export function monotonicMs(): number {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1e3 + nanos / 1e6
}
