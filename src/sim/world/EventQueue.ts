/** What will happen, earliest first. `tie` orders what happens at the same time. */
import { Heap } from "../../core/Heap.ts"

interface Entry<A> {
  readonly at: number
  readonly tie: number
  readonly what: A
}

/** Ties that come before everything else at the same time, and after everything else. */
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

  /** Removes the first entry and returns it. */
  next(): Entry<A> | undefined {
    return this.heap.next()
  }

  /** Moves every entry for which `which` holds `byMs` milliseconds later. */
  postpone(byMs: number, which: (what: A) => boolean): void {
    for (const { at, tie, what } of this.heap.clear()) this.add(which(what) ? at + byMs : at, tie, what)
  }
}
