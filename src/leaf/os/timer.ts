/** A timer for any number of milliseconds. */

/** The longest time a Node timer knows; a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Calls `ring` once, `ms` from now on the monotonic clock, unless it is cancelled by the answer before. */
export function after(ms: number, ring: () => void): () => void {
  const end = performance.now() + ms
  let timer: NodeJS.Timeout
  const arm = (left: number): void => {
    timer = left > LONGEST_TIMER_MS ? setTimeout(() => arm(end - performance.now()), LONGEST_TIMER_MS) : setTimeout(ring, left)
  }
  arm(Math.max(0, ms))
  return () => clearTimeout(timer)
}
