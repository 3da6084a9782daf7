/** `supervise/testing/fast-check`: random trees and faults for `fast-check`, which shrink to the fewest and simplest. */
import * as fc from "fast-check"
import { DEEPEST, type FaultGene, MOST, MOST_FAULTS, MOST_HABITS, type TreeGene, treeOf, WIDEST } from "./sim/search/generators.ts"
import { type FaultOptions, habitsOf, injectionsOf, type Scenario, scenarioOf } from "./sim/search/scenarios.ts"
import type { BehaviourAt } from "./sim/world/Behaviour.ts"
import type { Dated } from "./sim/world/Injection.ts"
import type { TreeSpec } from "./tree/Spec.ts"

export type { FaultOptions, Scenario }

const number = fc.nat({ max: MOST })
const faultGene: fc.Arbitrary<FaultGene> = fc.record({ what: number, whom: number, when: number, long: number })
const faults = (most = MOST_FAULTS) => fc.array(faultGene, { maxLength: most })
const habits = fc.array(faultGene, { maxLength: MOST_HABITS })

const treeGene = (levels: number): fc.Arbitrary<TreeGene> =>
  fc.record({
    kind: number,
    restart: number,
    limits: number,
    pace: number,
    kids: levels === 0 ? fc.constant([]) : fc.array(treeGene(levels - 1), { maxLength: WIDEST })
  })

/** A tree of up to four levels, of all strategies and restart types, with pools. */
export const tree: fc.Arbitrary<TreeSpec> = treeGene(DEEPEST - 1).map(treeOf)

export const seed: fc.Arbitrary<number> = fc.nat()

/** Faults of nodes of this tree. */
export const injections = (of: TreeSpec, options: FaultOptions = {}): fc.Arbitrary<ReadonlyArray<Dated>> =>
  faults(options.most).map((genes) => injectionsOf(of, genes, options))

/** How workers of this tree behave: slow and fast starts, deaf ones, crash loops. */
export const behaviours = (of: TreeSpec): fc.Arbitrary<ReadonlyArray<BehaviourAt>> => habits.map((genes) => habitsOf(of, genes))

/** A tree, its workers, its faults and its seed, all at random; and a calm after it, and a stop. */
export const scenario = (options: FaultOptions = {}): fc.Arbitrary<Scenario> =>
  fc.record({ tree, seed, faults: faults(options.most), habits }).map((genes) => scenarioOf(genes, options))
