/**
 * A meter of the time in which our own event loop did not turn.
 *
 * Whoever judges the silence of others has to know of his own deafness: while our loop stands (a long computation, a stop signal, a machine
 * without a CPU to spare), beats are sent and not read. A timer that comes late says so. It knows no better than to its period, and errs
 * on the side of too little: a stall counts from the moment when the timer was due.
 *
 * It also notices that the machine slept: CLOCK_MONOTONIC stands still meanwhile, and the clock since boot does not.
 */
import { uptime } from "node:os"
import { monotonicMs } from "./os/monotonic.ts"

/** How often the timer looks, unless another period is given. */
const PERIOD_MS = 100
/** Timers are late by some milliseconds even in an idle process. */
const TOLERANCE_MS = 10
/** So many stalls are remembered, the newest: at the worst, where every tick is late, 100 seconds of them. */
export const STALLS_REMEMBERED = 1_000
/** The two clocks may come apart by so much before it counts as sleep: the one of them is known to 10 ms only. */
const ASLEEP_MS = 1_000

export interface EventLoopLagOptions {
  /** Milliseconds; default 100. */
  readonly period?: number
  /** Milliseconds of a clock that stands still while the machine sleeps. Default CLOCK_MONOTONIC, of which heartbeats' times are. */
  readonly now?: () => number
  /** Milliseconds of a clock that does not. Default the time since boot. */
  readonly sinceBoot?: () => number
  /** Calls `tick` again and again, so many milliseconds apart, until the answer is called; it must not keep the process alive. */
  readonly every?: (ms: number, tick: () => void) => () => void
}

const ticking: NonNullable<EventLoopLagOptions["every"]> = (ms, tick) => {
  const timer = setInterval(tick, ms).unref()
  return () => clearInterval(timer)
}

interface Stall {
  readonly from: number
  readonly to: number
}

export class EventLoopLag {
  private readonly period: number
  private readonly now: () => number
  private readonly sinceBoot: () => number
  private readonly every: (ms: number, tick: () => void) => () => void
  private readonly stalls: Array<Stall> = []
  private needs = 0
  private cancel = (): void => {}
  /** When the timer is due. Infinite as long as nobody needs it. */
  private due = Number.POSITIVE_INFINITY
  private apart = 0
  private suspendedAt = Number.NEGATIVE_INFINITY

  constructor(options: EventLoopLagOptions = {}) {
    const { period = PERIOD_MS, now = monotonicMs, sinceBoot = () => uptime() * 1_000, every = ticking } = options
    this.period = period
    this.now = now
    this.sinceBoot = sinceBoot
    this.every = every
  }

  /** The meter runs from now on until the answer is called by everybody who needed it. It does not keep the process alive. */
  need(): () => void {
    if (this.needs++ === 0) this.start()
    let needed = true
    return () => {
      if (!needed) return
      needed = false
      if (--this.needs === 0) this.stop()
    }
  }

  /** For how much of the time between the two our loop is known not to have turned; a stall that is not over yet counts. Milliseconds. */
  overlap(from: number, to: number): number {
    const now = this.now()
    let sum = 0
    if (now - this.due > TOLERANCE_MS) sum += shared({ from: this.due, to: now }, from, to)
    for (let i = this.stalls.length - 1; i >= 0 && this.stalls[i]!.to > from; i--) sum += shared(this.stalls[i]!, from, to)
    return sum
  }

  /** Has the machine slept since that time? Looks now, if the meter runs. What was known of others before then is worth nothing. */
  suspendedSince(time: number): boolean {
    if (this.needs > 0) this.compareClocks()
    return this.suspendedAt >= time
  }

  private start(): void {
    this.apart = this.sinceBoot() - this.now()
    this.due = this.now() + this.period
    this.cancel = this.every(this.period, () => this.tick())
  }

  private stop(): void {
    this.cancel()
    this.due = Number.POSITIVE_INFINITY
  }

  private tick(): void {
    const now = this.now()
    if (now - this.due > TOLERANCE_MS) {
      if (this.stalls.length === STALLS_REMEMBERED) this.stalls.shift()
      this.stalls.push({ from: this.due, to: now })
    }
    this.due = now + this.period
    this.compareClocks()
  }

  private compareClocks(): void {
    const now = this.now()
    const apart = this.sinceBoot() - now
    const slept = apart - this.apart
    if (Math.abs(slept) <= ASLEEP_MS) return
    this.apart = apart
    // A clock that went back, as that of a moved container may, is no sleep.
    if (slept < 0) return
    this.suspendedAt = now
  }
}

const shared = (stall: Stall, from: number, to: number): number => Math.max(0, Math.min(stall.to, to) - Math.max(stall.from, from))
