/** What will happen, earliest first. `tie` orders what happens at the same time. */
interface Entry<A> {
  readonly at: number
  readonly tie: number
  readonly what: A
}

/** Ties that come before everything else at the same time, and after everything else. */
export const FIRST = -1
export const LAST = 2

/** A binary heap. */
export class EventQueue<A> {
  private heap: Array<Entry<A>> = []

  get first(): Entry<A> | undefined {
    return this.heap[0]
  }

  add(at: number, tie: number, what: A): void {
    const { heap } = this
    const entry = { at, tie, what }
    let i = heap.length
    heap.push(entry)
    while (i > 0) {
      const above = (i - 1) >> 1
      if (!isBefore(entry, heap[above]!)) break
      heap[i] = heap[above]!
      i = above
    }
    heap[i] = entry
  }

  /** Removes the first entry and returns it. */
  next(): Entry<A> | undefined {
    const { heap } = this
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || last === first) return first
    let i = 0
    for (;;) {
      let below = 2 * i + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++
      if (!isBefore(heap[below]!, last)) break
      heap[i] = heap[below]!
      i = below
    }
    heap[i] = last
    return first
  }

  /** Moves every entry for which `which` holds `byMs` milliseconds later. */
  postpone(byMs: number, which: (what: A) => boolean): void {
    const entries = this.heap
    this.heap = []
    for (const { at, tie, what } of entries) this.add(which(what) ? at + byMs : at, tie, what)
  }
}

const isBefore = (one: Entry<unknown>, other: Entry<unknown>): boolean => one.at < other.at || (one.at === other.at && one.tie < other.tie)
