/** Detectors that expect a beat at a certain time, or within one. */
import type { Family } from "../Family.ts"
import { Ring } from "../Ring.ts"

const WINDOW = 1000

/**
 * When beat k + 1 is due: the mean of (arrival − Δ seq) over the window, plus Δ (k + 1). Δ is estimated, because no
 * timer is exact.
 */
class Schedule {
  private readonly arrivals = new Ring(WINDOW)
  private readonly numbers = new Ring(WINDOW)
  private readonly everyMs: number
  private last = { received: 0, seq: 0 }

  constructor(everyMs: number) {
    this.everyMs = everyMs
  }

  add(received: number, seq: number): void {
    this.arrivals.add(received)
    this.numbers.add(seq)
    this.last = { received, seq }
  }

  /** In ms after the last beat. */
  get due(): number {
    const beats = this.last.seq - this.numbers.oldest
    const delta = beats > 0 ? (this.last.received - this.arrivals.oldest) / beats : this.everyMs
    return this.arrivals.mean + delta * (this.last.seq + 1 - this.numbers.mean) - this.last.received
  }
}

const margins = [50, 100, 150, 200, 300, 400, 500, 700, 1000, 1400, 2000, 3000]

/** NFD-E of Chen, Toueg and Aguilera: a margin in ms after it is due. */
const chen: Family = {
  name: "Chen NFD-E, Δ estimated",
  group: "schedule",
  thresholds: margins,
  make: (everyMs, thresholds) => {
    const schedule = new Schedule(everyMs)
    return {
      beat: (received, _, seq) => schedule.add(received, seq),
      timeouts: (into) => {
        const due = schedule.due
        for (let n = 0; n < thresholds.length; n++) into[n] = Math.max(0, due + thresholds[n]!)
      }
    }
  }
}

/** Bertier and others: a margin as Jacobson estimates round trips, γ = 0.1, β = 1; its φ, usually 4, is left open. */
const bertier: Family = {
  name: "Bertier",
  group: "schedule",
  thresholds: [1, 2, 4, 8, 16, 32, 64],
  usual: 4,
  make: (everyMs, thresholds) => {
    const schedule = new Schedule(everyMs)
    let [delay, varies, due, last] = [0, everyMs / 4, Number.NaN, 0]
    return {
      beat: (received, _, seq) => {
        if (!Number.isNaN(due)) {
          const error = received - last - due - delay
          delay += 0.1 * error
          varies += 0.1 * (Math.abs(error) - varies)
        }
        schedule.add(received, seq)
        last = received
        due = schedule.due
      },
      timeouts: (into) => {
        for (let n = 0; n < thresholds.length; n++) into[n] = Math.max(0, due + delay + thresholds[n]! * varies)
      }
    }
  }
}

const fixed: Family = {
  name: "fixed timeout",
  group: "fixed",
  thresholds: [150, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1300, 1500, 1750, 2000, 3000],
  make: (_, thresholds) => ({ beat: () => {}, timeouts: (into) => into.set(thresholds) })
}

export const plain: ReadonlyArray<Family> = [chen, bertier, fixed]
