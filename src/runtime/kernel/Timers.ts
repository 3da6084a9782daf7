/** All waits of a tree in one heap, behind one timer of the event loop. */
import { Heap } from "../../core/Heap.ts"
import { LONGEST_TIMER_MS } from "../../leaf/os/timer.ts"

/** A timer that comes so much too late was held up by ourselves. */
const LATE_MS = 20

interface Timers<A> {
  /** `at`: milliseconds of the clock that was handed in. */
  readonly add: (at: number, item: A) => void
  readonly clear: () => void
}

/** `fire` is called with each item once the clock has reached its time, in order of time, and with that time. */
export function makeTimers<A>(now: () => number, fire: (item: A, due: number) => void): Timers<A> {
  const heap = new Heap<{ readonly at: number; readonly item: A }>((one, other) => one.at < other.at)
  let timer: NodeJS.Timeout | undefined
  let armedFor = Number.POSITIVE_INFINITY

  const arm = (): void => {
    const next = heap.first?.at ?? Number.POSITIVE_INFINITY
    if (next >= armedFor) return
    clearTimeout(timer)
    armedFor = next
    timer = setTimeout(ring, Math.min(LONGEST_TIMER_MS, Math.max(0, Math.ceil(next - now()))))
  }

  const ring = (): void => {
    // So late that we were not running, or busy: what the leaves have said meanwhile waits to be read, and comes before any verdict.
    if (now() - armedFor > LATE_MS) return void setImmediate(fireDue)
    fireDue()
  }

  const fireDue = (): void => {
    armedFor = Number.POSITIVE_INFINITY
    for (let next = heap.first; next !== undefined && next.at <= now(); next = heap.first) {
      heap.next()
      fire(next.item, next.at)
    }
    arm()
  }

  return {
    add: (at, item) => {
      heap.add({ at, item })
      arm()
    },
    clear: () => {
      heap.clear()
      clearTimeout(timer)
      armedFor = Number.POSITIVE_INFINITY
    }
  }
}
