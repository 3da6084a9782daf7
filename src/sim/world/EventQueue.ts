/** What is to happen, earliest first; what is to happen at the same moment in an order that `tie` decides. */
import { Heap } from "../../core/Heap.ts"

interface Entry<A> {
  readonly at: number
  readonly tie: number
  readonly what: A
}

/** Ties: before everything else at the same moment; and behind it, where the core wants to do something after what has happened already. */
export const FIRST = -1
export const LAST = 2

export class EventQueue<A> {
  private readonly heap = new Heap<Entry<A>>((one, other) => one.at < other.at || (one.at === other.at && one.tie < other.tie))

  get first(): Entry<A> | undefined {
    return this.heap.first
  }

  add(at: number, tie: number, what: A): void {
    this.heap.add({ at, tie, what })
  }

  /** Takes the first one out. */
  next(): Entry<A> | undefined {
    return this.heap.next()
  }

  /** Everything that `which` concerns comes so much later. */
  postpone(byMs: number, which: (what: A) => boolean): void {
    for (const { at, tie, what } of this.heap.clear()) this.add(which(what) ? at + byMs : at, tie, what)
  }
}
