/** What random numbers mean for a tree: for whoever makes them, be it `@effect/vitest` or `fast-check`. */
import type { TreeSpec } from "../../tree/Spec.ts"
import type { SimulateOptions } from "../simulate.ts"
import { millis, type Time } from "../Time.ts"
import type { BehaviourAt } from "../world/Behaviour.ts"
import type { Dated } from "../world/Injection.ts"
import { behaviourOf, type FaultGene, faultOf, pathsOf } from "./generators.ts"

/** A tree, and what happens to it: `simulate(tree, options)`. */
export interface Scenario {
  readonly tree: TreeSpec
  readonly options: SimulateOptions
}

/** How long it goes on, and how many faults there are at most. */
export interface FaultOptions {
  /** The faults come within this time. Default 10 minutes. */
  readonly for?: Time
  /** Default 20. */
  readonly most?: number
}

const lengthOf = (options: FaultOptions): number => millis(options.for ?? "10m", "the time for the faults")

export function injectionsOf(of: TreeSpec, genes: ReadonlyArray<FaultGene>, options: FaultOptions): ReadonlyArray<Dated> {
  const [paths, forMs] = [pathsOf(of), lengthOf(options)]
  return genes.map((gene) => faultOf(gene, paths, forMs))
}

export function habitsOf(of: TreeSpec, genes: ReadonlyArray<FaultGene>): ReadonlyArray<BehaviourAt> {
  const paths = pathsOf(of)
  return genes.map((gene) => behaviourOf(gene, paths))
}

interface ScenarioGenes {
  readonly tree: TreeSpec
  readonly seed: number
  readonly faults: ReadonlyArray<FaultGene>
  readonly habits: ReadonlyArray<FaultGene>
}

export const scenarioOf = ({ tree, seed, faults, habits }: ScenarioGenes, options: FaultOptions): Scenario => ({
  tree,
  options: {
    for: lengthOf(options),
    seed,
    behaviours: habitsOf(tree, habits),
    injections: injectionsOf(tree, faults, options),
    calm: "1h",
    stop: true
  }
})
