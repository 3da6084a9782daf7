/** A clock that stands still until it is moved, to test what uses a `TreeClock`: no real time passes. */
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
  /** Timers ring in order of time, and then in the order in which they were set. */
  private readonly timers = new Heap<Timer>((one, other) => one.at < other.at || (one.at === other.at && one.place < other.place))

  readonly now = (): number => this.time
  readonly wall = (): number => this.time
  readonly after = (ms: number, ring: () => void): (() => void) => this.at(this.time + Math.max(0, ms), ring)
  readonly turned = (then: () => void): (() => void) => this.at(this.time, then)

  /** Moves on by this many milliseconds, and rings every timer that is due by then, new ones too. */
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
