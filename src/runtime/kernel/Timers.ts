/** All waits of a tree in one heap, with one timer of the clock. */
import { Heap } from "../../core/Heap.ts"
import type { Clock } from "../../leaf/os/Clock.ts"

/** From `since` until `at`, in milliseconds of the tree's clock. */
export interface Wait<A> {
  readonly since: number
  readonly at: number
  readonly item: A
}

interface Timers<A> {
  readonly add: (at: number, item: A) => void
  readonly clear: () => void
}

/**
 * Calls `fire` with each wait when `now` has reached its time, in order of time. `now` counts milliseconds of `clock`,
 * from any start.
 */
export function makeTimers<A>(clock: Pick<Clock, "after" | "turned">, now: () => number, fire: (wait: Wait<A>) => void): Timers<A> {
  const heap = new Heap<Wait<A>>((one, other) => one.at < other.at)
  let cancel = (): void => {}
  let armedFor = Number.POSITIVE_INFINITY

  const arm = (): void => {
    const next = heap.first?.at ?? Number.POSITIVE_INFINITY
    if (next >= armedFor) return
    cancel()
    armedFor = next
    cancel = clock.after(Math.max(0, next - now()), ring)
  }

  const ring = (): void => {
    // We may not have run for a while; what the leaves have reported meanwhile comes before any timeout of theirs.
    cancel = clock.turned(fireDue)
  }

  const fireDue = (): void => {
    armedFor = Number.POSITIVE_INFINITY
    for (let next = heap.first; next !== undefined && next.at <= now(); next = heap.first) {
      heap.next()
      fire(next)
    }
    arm()
  }

  return {
    add: (at, item) => {
      heap.add({ since: now(), at, item })
      arm()
    },
    clear: () => {
      heap.clear()
      cancel()
      armedFor = Number.POSITIVE_INFINITY
    }
  }
}
