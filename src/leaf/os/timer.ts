/** A timer without Node's limit of 24.8 days. */

/** The longest delay of a Node timer. With a longer one it would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Calls `then` once, `ms` milliseconds from now on the monotonic clock. The returned function cancels it. */
export function after(ms: number, then: () => void): () => void {
  const end = performance.now() + ms
  let timer: NodeJS.Timeout
  const arm = (left: number): void => {
    timer = left > LONGEST_TIMER_MS ? setTimeout(() => arm(end - performance.now()), LONGEST_TIMER_MS) : setTimeout(then, left)
  }
  arm(Math.max(0, ms))
  return () => clearTimeout(timer)
}
