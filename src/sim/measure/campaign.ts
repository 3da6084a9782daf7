/** Many rehearsals of one tree: the same faults, each time with another seed. */

import { decodeTreeOrThrow } from "../../tree/decode.ts"
import type { Tree, TreeSpec } from "../../tree/Spec.ts"
import { BadRehearsal } from "../BadRehearsal.ts"
import { checkSeed, type Rehearsal, rehearse, type SimulateOptions } from "../simulate.ts"
import { type Campaign, CampaignStats } from "./CampaignStats.ts"

export interface CampaignOptions extends SimulateOptions {
  /** How many runs. Their seeds are `seed`, `seed` + 1, and so on. Default 100. */
  readonly runs?: number
}

/** Rehearses the tree many times and adds the runs up. Throws `BadTree` and `BadRehearsal` as `simulate` does. */
export function campaign(spec: TreeSpec, options: CampaignOptions): Campaign {
  const stats = new CampaignStats()
  for (const run of runsOf(decodeTreeOrThrow(spec), options)) stats.add(run)
  return stats.campaign
}

/** Yields one rehearsal after the other and keeps none. */
export function* runsOf(tree: Tree, { runs = DEFAULT_RUNS, seed = 0, ...options }: CampaignOptions): Iterable<Rehearsal> {
  if (!(Number.isSafeInteger(runs) && runs >= 1))
    throw new BadRehearsal({ because: `the number of runs is ${runs}, and should be a whole number, 1 or more.` })
  checkSeed(seed + runs - 1)
  for (let n = 0; n < runs; n++) yield rehearse(tree, { ...options, seed: seed + n })
}

const DEFAULT_RUNS = 100
