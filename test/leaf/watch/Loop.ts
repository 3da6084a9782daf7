/**
 * A simulated host for monitors, with an event loop like Node's: first due timers, then input, then immediates. Time is
 * a number, and a blocked loop is a method call.
 */
import type { EventLoopLag, EventLoopLagOptions } from "../../../src/leaf/EventLoopLag.ts"
import type { ProcessSample } from "../../../src/leaf/os/sample.ts"
import type { ProbeResult } from "../../../src/leaf/probe/ProbeResult.ts"
import type { RunCheck } from "../../../src/leaf/probe/ProbeTarget.ts"
import type { Host } from "../../../src/leaf/watch/Host.ts"

/** One run of a check. */
export interface CheckRun {
  readonly at: number
  readonly signal: AbortSignal
  readonly settle: (result: ProbeResult) => void
  isOver: boolean
}

interface Due {
  readonly at: number
  readonly what: () => void
}

export class Loop implements Host {
  /** The runs of checks, by the type of the check. */
  readonly runs = new Map<string, Array<CheckRun>>()
  /** The result of a check, at once; undefined: when the test says so. */
  resultOf: ((type: string) => ProbeResult) | undefined = undefined
  /** How long the process was ready to run and waited for a CPU. */
  cpuWaitMs: number | undefined = 0
  sampleAt: (at: number) => ProcessSample = (at) => ({ _tag: "Unknown", at })
  private time = 10_000
  private asleep = 0
  private timers: Array<Due> = []
  private readonly arrivals: Array<Due> = []
  private readonly immediates = new Set<() => void>()

  readonly now = (): number => this.time
  readonly queuedMs = (): number | undefined => this.cpuWaitMs
  readonly sample = (): ProcessSample => this.sampleAt(this.time)

  readonly after = (ms: number, then: () => void): (() => void) => {
    const due = { at: this.time + Math.max(1, ms), what: then }
    this.timers.push(due)
    return () => {
      this.timers = this.timers.filter((other) => other !== due)
    }
  }

  readonly turned = (then: () => void): (() => void) => {
    this.immediates.add(then)
    return () => void this.immediates.delete(then)
  }

  readonly checker = ({ type }: { readonly type: string }): RunCheck => {
    const runs = this.runs.get(type) ?? []
    this.runs.set(type, runs)
    return (_, signal) =>
      new Promise((resolve) => {
        const run: CheckRun = {
          ...{ at: this.time, signal, isOver: false },
          settle: (result) => {
            run.isOver = true
            resolve(result)
          }
        }
        runs.push(run)
        signal.addEventListener("abort", () => run.settle("was cancelled"))
        if (this.resultOf !== undefined) run.settle(this.resultOf(type))
      })
  }

  /** An EventLoopLag on these clocks. */
  lag(Class: new (options: EventLoopLagOptions) => EventLoopLag): EventLoopLag {
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
    return new Class({ now: this.now, sinceBoot: () => this.time + this.asleep, every })
  }

  /** How many timers and immediates are pending. */
  get pending(): number {
    return this.timers.length + this.immediates.size
  }

  /** Something arrives in this many milliseconds: it is read in the first turn after that. */
  comes(inMs: number, what: () => void): void {
    this.arrivals.push({ at: this.time + inMs, what })
    this.arrivals.sort((a, b) => a.at - b.at)
  }

  /** Something arrives every `ms` milliseconds, for `forMs`. */
  comesEvery(ms: number, forMs: number, what: (at: number) => void): void {
    const from = this.time
    for (let at = ms; at <= forMs; at += ms) this.comes(at, () => what(from + at))
  }

  /** The loop turns for this many milliseconds. */
  async turns(ms: number): Promise<void> {
    const end = this.time + ms
    for (;;) {
      const next = Math.min(end, ...this.timers.map(({ at }) => at), this.arrivals[0]?.at ?? end)
      this.time = Math.max(this.time, next)
      await this.turn()
      const isDone = this.time >= end && this.immediates.size === 0 && !this.timers.some(({ at }) => at <= end) && !this.comesBy(end)
      if (isDone) return
    }
  }

  /** Time passes while the loop is blocked. */
  stands(ms: number): void {
    this.time += ms
  }

  /** The machine is suspended. */
  sleeps(ms: number): void {
    this.asleep += ms
  }

  private comesBy(end: number): boolean {
    return (this.arrivals[0]?.at ?? Number.POSITIVE_INFINITY) <= end
  }

  private async turn(): Promise<void> {
    const due = this.timers.filter(({ at }) => at <= this.time).sort((a, b) => a.at - b.at)
    for (const timer of due) {
      // An earlier timer may have cancelled it.
      if (!this.timers.includes(timer)) continue
      this.timers = this.timers.filter((other) => other !== timer)
      timer.what()
      await pendingPromises()
    }
    while (this.comesBy(this.time)) this.arrivals.shift()!.what()
    await pendingPromises()
    for (const end of [...this.immediates]) if (this.immediates.delete(end)) end()
    await pendingPromises()
  }
}

/** Lets all pending promises run. */
const pendingPromises = async (): Promise<void> => {
  for (let i = 0; i < 8; i++) await Promise.resolve()
}
