/** What is measured of a contender while it runs. */
import type { Contender } from "./contender.ts"
import type { Ground } from "./Ground.ts"
import type { Kind, Run } from "./Run.ts"

export interface Measure {
  readonly name: string
  /** The runs in which it is measured; sizes are in rising order. */
  readonly runs: (sizes: ReadonlyArray<number>) => ReadonlyArray<Kind>
  /** One figure of one run, and what it is the median of. Undefined where the contender does no such thing. */
  readonly take: (run: Run, pace: Pace) => Promise<Taken | undefined>
}

export interface Taken {
  readonly value: number
  readonly each?: ReadonlyArray<number>
}

/** How much time a run may take: less for a quick bench. */
export interface Pace {
  readonly kills: number
  readonly idleMs: number
  readonly stormMs: number
}

/** One figure: `of` a contender, or of a shape of the core. */
export interface Sample extends Taken {
  readonly measure: string
  /** How many leaves there were. */
  readonly size: number
  readonly of: string
  readonly round: number
}

/** Where and between whom it is measured. */
export interface Scene {
  readonly ground: Ground
  readonly contenders: ReadonlyArray<Contender>
}

export const stays = (leaves: number): Kind => ({ leaves, leaf: "stays" })
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
