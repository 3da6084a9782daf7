/** Carries out one check of one life again and again: from start to start in its interval, and never two at once. */
import type { Ask, Target } from "../probe/Target.ts"
import type { Verdict } from "../probe/Verdict.ts"
import type { World } from "./World.ts"

interface ProberOptions {
  readonly world: World
  readonly ask: Ask
  readonly target: Target
  /** In milliseconds. */
  readonly interval: number
  readonly initialDelay: number
  /** Hears of each answer; times of CLOCK_MONOTONIC. It must not throw. */
  readonly onAnswer: (verdict: Verdict, begunAt: number, answeredAt: number) => void
}

export class Prober {
  private readonly options: ProberOptions
  private readonly aborter = new AbortController()
  private cancel: () => void

  constructor(options: ProberOptions) {
    this.options = options
    this.cancel = options.world.after(options.initialDelay, () => this.ask())
  }

  /** Nothing more is asked, and no answer is heard. */
  stop(): void {
    this.cancel()
    this.aborter.abort()
  }

  private ask(): void {
    const { world, ask, target, interval, onAnswer } = this.options
    const { signal } = this.aborter
    const begunAt = world.now()
    const heard = (verdict: Verdict): void => {
      if (signal.aborted) return
      const answeredAt = world.now()
      this.cancel = world.after(begunAt + interval - answeredAt, () => this.ask())
      onAnswer(verdict, begunAt, answeredAt)
    }
    // A check never rejects; should one do so all the same, it must not take the supervisor along.
    void ask(target, signal).then(heard, (error) => heard(`it could not be asked: ${String(error)}`))
  }
}
