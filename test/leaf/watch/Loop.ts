/**
 * A host for a watch, with an event loop as Node's: first the timers that are due, then what there is to be read, then who waits for the
 * end of the turn. Time is a number; that the loop does not turn is a call.
 */
import type { EventLoopLag, EventLoopLagOptions } from "../../../src/leaf/EventLoopLag.ts"
import type { ProcessSample } from "../../../src/leaf/os/sample.ts"
import type { ProbeResult } from "../../../src/leaf/probe/ProbeResult.ts"
import type { RunCheck } from "../../../src/leaf/probe/ProbeTarget.ts"
import type { Host } from "../../../src/leaf/watch/Host.ts"

/** One question that was asked. */
export interface Asked {
  readonly at: number
  readonly signal: AbortSignal
  readonly answer: (verdict: ProbeResult) => void
  isOver: boolean
}

interface Due {
  readonly at: number
  readonly what: () => void
}

export class Loop implements Host {
  /** What was asked, by the type of the check. */
  readonly asked = new Map<string, Array<Asked>>()
  /** As a check answers at once; undefined: when the test says so. */
  answers: ((type: string) => ProbeResult) | undefined = undefined
  /** How long the process could have run and did not. */
  queued: number | undefined = 0
  sighting: (at: number) => ProcessSample = (at) => ({ _tag: "Unknown", at })
  private time = 10_000
  private asleep = 0
  private timers: Array<Due> = []
  private readonly arrivals: Array<Due> = []
  private readonly ends = new Set<() => void>()

  readonly now = (): number => this.time
  readonly queuedMs = (): number | undefined => this.queued
  readonly sample = (): ProcessSample => this.sighting(this.time)

  readonly after = (ms: number, ring: () => void): (() => void) => {
    const due = { at: this.time + Math.max(1, ms), what: ring }
    this.timers.push(due)
    return () => {
      this.timers = this.timers.filter((other) => other !== due)
    }
  }

  readonly turned = (then: () => void): (() => void) => {
    this.ends.add(then)
    return () => void this.ends.delete(then)
  }

  readonly checker = ({ type }: { readonly type: string }): RunCheck => {
    const asked = this.asked.get(type) ?? []
    this.asked.set(type, asked)
    return (_, signal) =>
      new Promise((resolve) => {
        const question: Asked = {
          ...{ at: this.time, signal, isOver: false },
          answer: (verdict) => {
            question.isOver = true
            resolve(verdict)
          }
        }
        asked.push(question)
        signal.addEventListener("abort", () => question.answer("was given up"))
        if (this.answers !== undefined) question.answer(this.answers(type))
      })
  }

  /** Our own meter, on these clocks. */
  lag(Meter: new (options: EventLoopLagOptions) => EventLoopLag): EventLoopLag {
    const every = (ms: number, tick: () => void): (() => void) => {
      let cancel = (): void => {}
      const again = (): void => {
        cancel = this.after(ms, () => {
          again()
          tick()
        })
      }
      again()
      return () => cancel()
    }
    return new Meter({ now: this.now, sinceBoot: () => this.time + this.asleep, every })
  }

  /** How many timers and ends of turns are waited for. */
  get pending(): number {
    return this.timers.length + this.ends.size
  }

  /** So many milliseconds from now somebody sends something: it is read in the first turn after that. */
  comes(inMs: number, what: () => void): void {
    this.arrivals.push({ at: this.time + inMs, what })
    this.arrivals.sort((a, b) => a.at - b.at)
  }

  /** Every so many milliseconds, for so long. */
  comesEvery(ms: number, forMs: number, what: (at: number) => void): void {
    const from = this.time
    for (let at = ms; at <= forMs; at += ms) this.comes(at, () => what(from + at))
  }

  /** The loop turns for so long. */
  async turns(ms: number): Promise<void> {
    const end = this.time + ms
    for (;;) {
      const next = Math.min(end, ...this.timers.map(({ at }) => at), this.arrivals[0]?.at ?? end)
      this.time = Math.max(this.time, next)
      await this.turn()
      const isDone = this.time >= end && this.ends.size === 0 && !this.timers.some(({ at }) => at <= end) && !this.comesBy(end)
      if (isDone) return
    }
  }

  /** Time passes, and the loop does not turn. */
  stands(ms: number): void {
    this.time += ms
  }

  /** The machine sleeps. */
  sleeps(ms: number): void {
    this.asleep += ms
  }

  private comesBy(end: number): boolean {
    return (this.arrivals[0]?.at ?? Number.POSITIVE_INFINITY) <= end
  }

  private async turn(): Promise<void> {
    const due = this.timers.filter(({ at }) => at <= this.time).sort((a, b) => a.at - b.at)
    for (const timer of due) {
      // One that came before it may have cancelled it.
      if (!this.timers.includes(timer)) continue
      this.timers = this.timers.filter((other) => other !== timer)
      timer.what()
      await settled()
    }
    while (this.comesBy(this.time)) this.arrivals.shift()!.what()
    await settled()
    for (const end of [...this.ends]) if (this.ends.delete(end)) end()
    await settled()
  }
}

/** All that follows from promises has followed. */
const settled = async (): Promise<void> => {
  for (let i = 0; i < 8; i++) await Promise.resolve()
}
