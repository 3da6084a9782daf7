/**
 * Compares policies under the same faults. Each variant of a tree is run with the same seeds, and chance depends on the
 * seed, the path and the incarnation, so the same things fail in each. The differences are then surer than the figures
 * themselves (common random numbers).
 */

import { decodeTreeOrThrow } from "../../tree/decode.ts"
import type { TreeSpec } from "../../tree/Spec.ts"
import { BadRehearsal } from "../BadRehearsal.ts"
import { type Campaign, CampaignStats } from "./CampaignStats.ts"
import { type CampaignOptions, runsOf } from "./campaign.ts"
import { type Estimate, Sample } from "./Estimate.ts"

export interface Variant {
  readonly name: string
  readonly campaign: Campaign
  /** Its availability minus that of the first variant, run by run. */
  readonly gained: Estimate
}

/**
 * `variants`: trees by name; the others are compared with the first. Throws as `simulate` does, and `BadRehearsal` when
 * a name is a whole number: JavaScript orders those first, so the order you wrote would be lost.
 */
export function whatIf(variants: { readonly [name: string]: TreeSpec }, options: CampaignOptions): ReadonlyArray<Variant> {
  const numbers = Object.keys(variants).filter((name) => /^\d+$/.test(name))
  if (numbers.length > 0) {
    const because = `a variant's name cannot be a number alone: ${numbers.join(", ")}. Call it "${numbers[0]} restarts", for example.`
    throw new BadRehearsal({ because })
  }
  const trees = Object.entries(variants).map(([name, spec]) => ({ name, tree: decodeTreeOrThrow(spec) }))
  let base: ReadonlyArray<number> | undefined
  return trees.map(({ name, tree }) => {
    const stats = new CampaignStats()
    const shares: Array<number> = []
    for (const run of runsOf(tree, options)) {
      stats.add(run)
      shares.push(run.availability)
    }
    base ??= shares
    const gained = new Sample()
    for (const [n, share] of shares.entries()) gained.add(share - base[n]!)
    return { name, campaign: stats.campaign, gained: gained.estimate }
  })
}
