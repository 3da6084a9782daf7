/** A clock that stands until it is moved, for tests of what runs by a `TreeClock`: timers ring in order of time, and no real time passes. */
import { Heap } from "../core/Heap.ts"
import type { Clock } from "../leaf/os/Clock.ts"

interface Timer {
  readonly at: number
  readonly place: number
  readonly ring: () => void
  cancelled: boolean
}

export class SimulatedClock implements Clock {
  private time = 0
  private places = 0
  private readonly timers = new Heap<Timer>((one, other) => one.at < other.at || (one.at === other.at && one.place < other.place))

  readonly now = (): number => this.time
  readonly wall = (): number => this.time
  readonly after = (ms: number, ring: () => void): (() => void) => this.at(this.time + Math.max(0, ms), ring)
  readonly turned = (then: () => void): (() => void) => this.at(this.time, then)

  /** Passes this many milliseconds, and rings what is due on the way, also what becomes due meanwhile. */
  pass(ms: number): void {
    const end = this.time + ms
    for (let next = this.timers.first; next !== undefined && next.at <= end; next = this.timers.first) {
      this.timers.next()
      this.time = Math.max(this.time, next.at)
      if (!next.cancelled) next.ring()
    }
    this.time = end
  }

  private at(at: number, ring: () => void): () => void {
    const timer: Timer = { at, place: this.places++, ring, cancelled: false }
    this.timers.add(timer)
    return () => {
      timer.cancelled = true
    }
  }
}
