/** What a simulated world is made of, and what observes it. */
import type { JournalEntry } from "../../core/Journal.ts"
import type { Tree, Worker } from "../../tree/Spec.ts"
import type { ScheduledInjection } from "./Injection.ts"
import type { LifeModel } from "./LifeModel.ts"

/** Is called for everything, in order. `at` is the world's clock, in milliseconds. */
export interface Observer {
  /** A process of this worker was started. */
  readonly began: (path: string, worker: Worker, at: number) => void
  /** It is up. */
  readonly up: (path: string, at: number) => void
  /** It has exited, hangs or pauses. */
  readonly down: (path: string, at: number) => void
  /** It hangs; something should find out. */
  readonly hung: (path: string, at: number) => void
  /** The entry's own time is the core's, whose clock may have jumped. */
  readonly stepped: (entry: JournalEntry, at: number) => void
}

export interface WorldOptions {
  readonly tree: Tree
  readonly seed: number
  readonly lifeModel: LifeModel
  readonly injections: ReadonlyArray<ScheduledInjection>
  /** Whether an injection with this path pattern applies to a path. */
  readonly covers: (pattern: string, path: string) => boolean
  readonly observer: Observer
}
