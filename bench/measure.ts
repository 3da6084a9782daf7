/** What is measured of a running contender. */
import type { Contender } from "./contender.ts"
import type { Kind, Run } from "./Run.ts"
import type { Workspace } from "./Workspace.ts"

export interface Measure {
  readonly name: string
  /** The runs in which it is measured. `sizes` is ascending. */
  readonly runs: (sizes: ReadonlyArray<number>) => ReadonlyArray<Kind>
  /**
   * One figure of one run, and how many values it is the median of. Undefined where the contender has no such thing.
   */
  readonly take: (run: Run, pace: Pace) => Promise<Taken | undefined>
}

export interface Taken {
  readonly value: number
  readonly each?: ReadonlyArray<number>
}

/** How much time a run may take: less in a quick bench. */
export interface Pace {
  readonly kills: number
  readonly spawns: number
  readonly idleMs: number
  readonly stormMs: number
  /** How much is written to a log. */
  readonly logMiB: number
}

/** One figure of a contender, or of a shape of the core. */
export interface Sample extends Taken {
  readonly measure: string
  /** How many leaves there were. */
  readonly size: number
  readonly of: string
  readonly round: number
}

/** Where, and for which contenders, it is measured. */
export interface Scene {
  readonly workspace: Workspace
  readonly contenders: ReadonlyArray<Contender>
  /** In ascending order. */
  readonly sizes: ReadonlyArray<number>
  readonly pace: Pace
  /** Notes what could not be measured. */
  readonly say: (contender: Contender, leaves: number, what: string) => void
}

export const stays = (leaves: number): Kind => ({ leaves, leaf: "stays" })
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
