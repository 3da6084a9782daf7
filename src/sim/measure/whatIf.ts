/**
 * What would another policy have made of the same faults? Each variant of a tree is put into the same worlds: chance depends on the seed, the
 * path and the life, so that what fails in one fails in the other, and the differences tell more than the figures do (common random numbers).
 */
import type { TreeSpec } from "../../spec/Spec.ts"
import { decodeTreeOrThrow } from "../simulate.ts"
import { type Campaign, type CampaignOptions, runsOf, summarize } from "./campaign.ts"
import { type Estimate, estimate } from "./Estimate.ts"

export interface Variant {
  readonly name: string
  readonly campaign: Campaign
  /** Its availability less that of the first variant, world by world. */
  readonly gained: Estimate
}

/** `variants`: trees by name, of which the first is the one that the others are compared with. Throws as `simulate` does. */
export function whatIf(variants: { readonly [name: string]: TreeSpec }, options: CampaignOptions): ReadonlyArray<Variant> {
  const trees = Object.entries(variants).map(([name, spec]) => ({ name, tree: decodeTreeOrThrow(spec) }))
  const all = trees.map(({ name, tree }) => ({ name, runs: runsOf(tree, options) }))
  const base = all[0]?.runs ?? []
  return all.map(({ name, runs }) => ({
    name,
    campaign: summarize(runs),
    gained: estimate(runs.map(({ availability }, n) => availability - base[n]!.availability))
  }))
}
