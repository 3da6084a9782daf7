/** Carries out one check of one life again and again: from start to start in its interval, and never two at once. */

import type { ProbeResult } from "../probe/ProbeResult.ts"
import type { ProbeTarget, RunCheck } from "../probe/ProbeTarget.ts"
import type { Host } from "./Host.ts"

interface ProberOptions {
  readonly host: Host
  readonly ask: RunCheck
  readonly target: ProbeTarget
  /** In milliseconds. */
  readonly interval: number
  readonly initialDelay: number
  /** Hears of each answer; times of CLOCK_MONOTONIC. It must not throw. */
  readonly onAnswer: (verdict: ProbeResult, begunAt: number, answeredAt: number) => void
}

export class Prober {
  private readonly options: ProberOptions
  private readonly aborter = new AbortController()
  private cancel: () => void

  constructor(options: ProberOptions) {
    this.options = options
    this.cancel = options.host.after(options.initialDelay, () => this.ask())
  }

  /** Nothing more is asked, and no answer is heard. */
  stop(): void {
    this.cancel()
    this.aborter.abort()
  }

  private ask(): void {
    const { host, ask, target, interval, onAnswer } = this.options
    const { signal } = this.aborter
    const begunAt = host.now()
    const heard = (verdict: ProbeResult): void => {
      if (signal.aborted) return
      const answeredAt = host.now()
      this.cancel = host.after(begunAt + interval - answeredAt, () => this.ask())
      onAnswer(verdict, begunAt, answeredAt)
    }
    // A check never rejects; should one do so all the same, it must not take the supervisor along.
    void ask(target, signal).then(heard, (error) => heard(`it could not be asked: ${String(error)}`))
  }
}
