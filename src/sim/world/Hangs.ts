/** Processes of the invented world that run and give no sign of life: those that hang, and those that only pause. */
import type { Event } from "../../core/Event.ts"
import { DetectionModel } from "./DetectionModel.ts"
import type { Process } from "./Process.ts"
import type { Observer } from "./WorldOptions.ts"

/** What it needs of the world around it. */
interface Around {
  readonly now: () => number
  /** Until then the supervisor does not get to run, and judges nobody. */
  readonly stalledUntil: () => number
  readonly later: (process: Process, at: number, then: () => void) => void
  readonly tell: (event: Event) => void
  readonly witness: Observer
}

export class Hangs {
  private readonly senses: DetectionModel
  private readonly around: Around

  constructor(seed: number, around: Around) {
    this.senses = new DetectionModel(seed)
    this.around = around
  }

  /** It hangs, and will not come back. */
  hang(process: Process): void {
    process.state = "hung"
    this.around.witness.hung(process.path, this.around.now())
    this.begin(process, Number.POSITIVE_INFINITY)
  }

  /** It does nothing for so long, and then goes on; what is to end it ends it all the same. */
  pause(process: Process, forMs: number): void {
    if (process.state !== "up" || process.silentUntil !== undefined) return
    this.around.witness.down(process.path, this.around.now())
    this.begin(process, forMs)
  }

  private begin(process: Process, forMs: number): void {
    const { around, senses } = this
    const from = around.now()
    const n = process.silences++
    const lasts = (): boolean => process.silentUntil !== undefined && process.silences === n + 1
    process.silentUntil = from + forMs
    let isSuspect = false
    for (const { afterMs, event } of senses.notices(process, process.worker, n)) {
      if (afterMs >= forMs) continue
      const notice = (): void => {
        if (!lasts()) return
        // Whoever comes to himself reads first what was said meanwhile, and judges then.
        if (around.now() < around.stalledUntil()) return around.later(process, around.stalledUntil(), notice)
        isSuspect ||= event._tag === "Suspected"
        around.tell(event)
      }
      around.later(process, from + afterMs, notice)
    }
    if (!Number.isFinite(forMs)) return
    around.later(process, from + forMs, () => {
      if (!lasts()) return
      process.silentUntil = undefined
      senses.resumes(process, process.worker, n, forMs)
      const { path, incarnation } = process
      if (isSuspect) around.tell({ _tag: "Cleared", path, incarnation })
      if (process.state === "up") around.witness.up(path, around.now())
    })
  }
}
