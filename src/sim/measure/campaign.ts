/** One tree in many worlds: the same faults, each time with another seed. */

import { decodeTreeOrThrow } from "../../tree/decode.ts"
import type { Tree, TreeSpec } from "../../tree/Spec.ts"
import { BadRehearsal } from "../BadRehearsal.ts"
import { checkSeed, type Rehearsal, rehearse, type SimulateOptions } from "../simulate.ts"
import { type Campaign, CampaignStats } from "./CampaignStats.ts"

export interface CampaignOptions extends SimulateOptions {
  /** How many worlds; their seeds are `seed`, `seed` + 1, and so on. Default 100. */
  readonly runs?: number
}

/** Throws `BadTree` and `BadRehearsal` as `simulate` does. */
export function campaign(spec: TreeSpec, options: CampaignOptions): Campaign {
  const tally = new CampaignStats()
  for (const run of runsOf(decodeTreeOrThrow(spec), options)) tally.add(run)
  return tally.campaign
}

/** One rehearsal after the other, of which none is kept. */
export function* runsOf(tree: Tree, { runs = RUNS, seed = 0, ...options }: CampaignOptions): Iterable<Rehearsal> {
  if (!(Number.isSafeInteger(runs) && runs >= 1))
    throw new BadRehearsal({ because: `the number of runs is ${runs}, and should be a whole number, 1 or more.` })
  checkSeed(seed + runs - 1)
  for (let n = 0; n < runs; n++) yield rehearse(tree, { ...options, seed: seed + n })
}

/** So many, if nothing else is said. */
const RUNS = 100
