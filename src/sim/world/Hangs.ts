/** Simulated processes that run but do nothing, forever or for a while. */
import type { Event } from "../../core/Event.ts"
import { DetectionModel } from "./DetectionModel.ts"
import type { Process } from "./Process.ts"
import type { Observer } from "./WorldOptions.ts"

interface WorldPort {
  readonly now: () => number
  /** Until then the supervisor does not run, and convicts nothing. */
  readonly stalledUntil: () => number
  readonly later: (process: Process, at: number, run: () => void) => void
  readonly deliver: (event: Event) => void
  readonly observer: Observer
}

export class Hangs {
  private readonly detection: DetectionModel
  private readonly port: WorldPort

  constructor(seed: number, port: WorldPort) {
    this.detection = new DetectionModel(seed)
    this.port = port
  }

  /** It hangs and does not recover. */
  hang(process: Process): void {
    process.state = "hung"
    this.port.observer.hung(process.path, this.port.now())
    this.begin(process, Number.POSITIVE_INFINITY)
  }

  /** It does nothing for `forMs` milliseconds and then goes on. It may be stopped or killed meanwhile. */
  pause(process: Process, forMs: number): void {
    if (process.state !== "up" || process.silentUntil !== undefined) return
    this.port.observer.down(process.path, this.port.now())
    this.begin(process, forMs)
  }

  private begin(process: Process, forMs: number): void {
    const { port, detection } = this
    const from = port.now()
    const n = process.silences++
    const isOngoing = (): boolean => process.silentUntil !== undefined && process.silences === n + 1
    process.silentUntil = from + forMs
    let isSuspect = false
    for (const { afterMs, event } of detection.notices(process, process.worker, n)) {
      if (afterMs >= forMs) continue
      const notice = (): void => {
        if (!isOngoing()) return
        // After a stall the supervisor first reads what it missed, and judges then.
        if (port.now() < port.stalledUntil()) return port.later(process, port.stalledUntil(), notice)
        isSuspect ||= event._tag === "Suspected"
        port.deliver(event)
      }
      port.later(process, from + afterMs, notice)
    }
    if (!Number.isFinite(forMs)) return
    port.later(process, from + forMs, () => {
      if (!isOngoing()) return
      process.silentUntil = undefined
      detection.resumes(process, process.worker, n, forMs)
      const { path, incarnation } = process
      if (isSuspect) port.deliver({ _tag: "Cleared", path, incarnation })
      if (process.state === "up") port.observer.up(path, port.now())
    })
  }
}
