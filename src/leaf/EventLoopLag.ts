/**
 * Measures when our own event loop did not turn.
 *
 * Before judging a child's silence, know when we ourselves could not listen: while our loop is blocked (a long
 * computation, a stop signal, no CPU to spare), beats are sent and not read. A timer that fires late shows it. Its
 * resolution is one period, and it reports too little rather than too much: a stall counts from when the timer was due.
 *
 * It also notices that the machine slept: CLOCK_MONOTONIC stands still then, and the clock since boot does not.
 */
import { uptime } from "node:os"
import { monotonicMs } from "./os/monotonic.ts"

/** The default period. */
const PERIOD_MS = 100
/** Timers are a few milliseconds late even in an idle process. */
const TOLERANCE_MS = 10
/** How many stalls are remembered, the newest: if every tick is late, the last 100 seconds. */
export const STALLS_REMEMBERED = 1_000
/** By how much the two clocks may diverge before it counts as sleep: one of them has a resolution of only 10 ms. */
const ASLEEP_MS = 1_000

export interface EventLoopLagOptions {
  /** Milliseconds; default 100. */
  readonly period?: number
  /**
   * A clock that stands still while the machine sleeps, in milliseconds. Default CLOCK_MONOTONIC, the clock of
   * heartbeats.
   */
  readonly now?: () => number
  /** A clock that does not, in milliseconds. Default the time since boot. */
  readonly sinceBoot?: () => number
  /** Calls `tick` every `ms` milliseconds until the returned function is called. It must not keep the process alive. */
  readonly every?: (ms: number, tick: () => void) => () => void
}

const everyByTimer: NonNullable<EventLoopLagOptions["every"]> = (ms, tick) => {
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
  private users = 0
  private cancel = (): void => {}
  /** When the timer is due; infinite while nothing is measured. */
  private due = Number.POSITIVE_INFINITY
  private offset = 0
  private suspendedAt = Number.NEGATIVE_INFINITY

  constructor(options: EventLoopLagOptions = {}) {
    const { period = PERIOD_MS, now = monotonicMs, sinceBoot = () => uptime() * 1_000, every = everyByTimer } = options
    this.period = period
    this.now = now
    this.sinceBoot = sinceBoot
    this.every = every
  }

  /**
   * Measures from now until the returned function is called; of several callers, until all have. It does not keep the
   * process alive.
   */
  measure(): () => void {
    if (this.users++ === 0) this.start()
    let inUse = true
    return () => {
      if (!inUse) return
      inUse = false
      if (--this.users === 0) this.stop()
    }
  }

  /**
   * How long, between `from` and `to`, our loop is known not to have turned, in milliseconds. A stall still going on
   * counts.
   */
  overlap(from: number, to: number): number {
    const now = this.now()
    let sum = 0
    if (now - this.due > TOLERANCE_MS) sum += overlapOf({ from: this.due, to: now }, from, to)
    for (let i = this.stalls.length - 1; i >= 0 && this.stalls[i]!.to > from; i--) sum += overlapOf(this.stalls[i]!, from, to)
    return sum
  }

  /**
   * Has the machine slept since that time? Checks now, if measuring. What was known about other processes before the
   * sleep is void.
   */
  suspendedSince(time: number): boolean {
    if (this.users > 0) this.compareClocks()
    return this.suspendedAt >= time
  }

  private start(): void {
    this.offset = this.sinceBoot() - this.now()
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
    const offset = this.sinceBoot() - now
    const slept = offset - this.offset
    if (Math.abs(slept) <= ASLEEP_MS) return
    this.offset = offset
    // A clock that went back, as that of a migrated container may, is no sleep.
    if (slept < 0) return
    this.suspendedAt = now
  }
}

const overlapOf = (stall: Stall, from: number, to: number): number => Math.max(0, Math.min(stall.to, to) - Math.max(stall.from, from))
