/** Repeats one check of one worker: its interval is from start to start, and no two checks overlap. */
import type { ProbeResult } from "../probe/ProbeResult.ts"
import type { ProbeTarget, RunCheck } from "../probe/ProbeTarget.ts"
import type { Host } from "./Host.ts"

interface ProberOptions {
  readonly host: Host
  readonly runCheck: RunCheck
  readonly target: ProbeTarget
  /** In milliseconds, from start to start. */
  readonly interval: number
  /** In milliseconds. */
  readonly initialDelay: number
  /** Called with each result; times are of CLOCK_MONOTONIC. It must not throw. */
  readonly onResult: (result: ProbeResult, startedAt: number, endedAt: number) => void
}

export class Prober {
  private readonly options: ProberOptions
  private readonly aborter = new AbortController()
  private cancel: () => void

  constructor(options: ProberOptions) {
    this.options = options
    this.cancel = options.host.after(options.initialDelay, () => this.run())
  }

  /** Starts no more checks, cancels the one in flight, and ignores its result. */
  stop(): void {
    this.cancel()
    this.aborter.abort()
  }

  private run(): void {
    const { host, runCheck, target, interval, onResult } = this.options
    const { signal } = this.aborter
    const startedAt = host.now()
    const settle = (result: ProbeResult): void => {
      if (signal.aborted) return
      const endedAt = host.now()
      this.cancel = host.after(startedAt + interval - endedAt, () => this.run())
      onResult(result, startedAt, endedAt)
    }
    // A check never rejects. If one does so all the same, it must not take the supervisor down.
    void runCheck(target, signal).then(settle, (error) => settle(`the check could not be run: ${String(error)}`))
  }
}
