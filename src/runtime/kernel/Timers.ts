/** All waits of a tree in one heap, behind one timer of the event loop. */

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
  const heap: Array<{ readonly at: number; readonly item: A }> = []
  let timer: NodeJS.Timeout | undefined
  let armedFor = Number.POSITIVE_INFINITY

  const arm = (): void => {
    const next = heap[0]?.at ?? Number.POSITIVE_INFINITY
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
    while (heap.length > 0 && heap[0]!.at <= now()) {
      const { at, item } = pop(heap)
      fire(item, at)
    }
    arm()
  }

  return {
    add: (at, item) => {
      push(heap, { at, item })
      arm()
    },
    clear: () => {
      heap.length = 0
      clearTimeout(timer)
      armedFor = Number.POSITIVE_INFINITY
    }
  }
}

interface Timed {
  readonly at: number
}

function push<T extends Timed>(heap: Array<T>, entry: T): void {
  let i = heap.push(entry) - 1
  for (let up = (i - 1) >> 1; i > 0 && heap[up]!.at > entry.at; up = (i - 1) >> 1) {
    heap[i] = heap[up]!
    i = up
  }
  heap[i] = entry
}

function pop<T extends Timed>(heap: Array<T>): T {
  const top = heap[0]!
  const last = heap.pop()!
  if (heap.length === 0) return top
  let i = 0
  for (;;) {
    let down = 2 * i + 1
    if (down + 1 < heap.length && heap[down + 1]!.at < heap[down]!.at) down++
    if (down >= heap.length || heap[down]!.at >= last.at) break
    heap[i] = heap[down]!
    i = down
  }
  heap[i] = last
  return top
}
