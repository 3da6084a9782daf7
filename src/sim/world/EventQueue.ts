/** What is to happen, earliest first; what is to happen at the same moment in an order that `tie` decides. */
interface Entry<A> {
  readonly at: number
  readonly tie: number
  readonly what: A
}

/** Ties: before everything else at the same moment; and behind it, where the core wants to do something after what has happened already. */
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

  /** Takes the first one out. */
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

  /** Everything that `which` concerns comes so much later. */
  postpone(byMs: number, which: (what: A) => boolean): void {
    const entries = this.heap
    this.heap = []
    for (const { at, tie, what } of entries) this.add(which(what) ? at + byMs : at, tie, what)
  }
}

const isBefore = (one: Entry<unknown>, other: Entry<unknown>): boolean => one.at < other.at || (one.at === other.at && one.tie < other.tie)
