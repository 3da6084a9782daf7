/** What a world is made of, and who looks on. */
import type { JournalEntry } from "../../core/Journal.ts"
import type { Tree, Worker } from "../../tree/Spec.ts"
import type { Dated } from "./Injection.ts"
import type { LifeModel } from "./LifeModel.ts"

/** Hears of everything, in order. */
export interface Observer {
  /** A process of this worker is there. */
  readonly began: (path: string, worker: Worker, at: number) => void
  /** It is ready, and of use. */
  readonly up: (path: string, at: number) => void
  /** It has ended, hangs or pauses. */
  readonly down: (path: string, at: number) => void
  /** It hangs: it is not of use any more, and somebody should find out. */
  readonly hung: (path: string, at: number) => void
  /** `at`: by the world's clock; the moment's own is the core's, which may have jumped. */
  readonly folded: (moment: JournalEntry, at: number) => void
}

export interface WorldOptions {
  readonly tree: Tree
  readonly seed: number
  readonly lifeModel: LifeModel
  readonly injections: ReadonlyArray<Dated>
  /** Whom an injection with this path concerns. */
  readonly covers: (pattern: string, path: string) => boolean
  readonly observer: Observer
}
