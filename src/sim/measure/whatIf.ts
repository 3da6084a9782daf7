/**
 * What would another policy have made of the same faults? Each variant of a tree is put into the same worlds: chance depends on the seed, the
 * path and the life, so that what fails in one fails in the other, and the differences tell more than the figures do (common random numbers).
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
  /** Its availability less that of the first variant, world by world. */
  readonly gained: Estimate
}

/**
 * `variants`: trees by name, of which the first is the one that the others are compared with. Throws as `simulate` does, and `BadRehearsal` when
 * a name is a whole number: JavaScript puts those first, in their own order, so that nobody could tell which one was meant to be the first.
 */
export function whatIf(variants: { readonly [name: string]: TreeSpec }, options: CampaignOptions): ReadonlyArray<Variant> {
  const numbers = Object.keys(variants).filter((name) => /^\d+$/.test(name))
  if (numbers.length > 0) {
    const because = `variants cannot be called by a number alone: ${numbers.join(", ")}. Call them "${numbers[0]} restarts", for example.`
    throw new BadRehearsal({ because })
  }
  const trees = Object.entries(variants).map(([name, spec]) => ({ name, tree: decodeTreeOrThrow(spec) }))
  let base: ReadonlyArray<number> | undefined
  return trees.map(({ name, tree }) => {
    const tally = new CampaignStats()
    const shares: Array<number> = []
    for (const run of runsOf(tree, options)) {
      tally.add(run)
      shares.push(run.availability)
    }
    base ??= shares
    const gained = new Sample()
    for (const [n, share] of shares.entries()) gained.add(share - base[n]!)
    return { name, campaign: tally.campaign, gained: gained.estimate }
  })
}
