/** Random trees and faults for `@effect/vitest`, which shrink to the fewest and simplest. */
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import type { TreeSpec } from "../../tree/Spec.ts"
import type { BehaviourAt } from "../world/Behaviour.ts"
import type { Dated } from "../world/Injection.ts"
import { DEEPEST, type FaultGene, MOST, MOST_FAULTS, MOST_HABITS, type TreeGene, treeOf, WIDEST } from "./generators.ts"
import { type FaultOptions, habitsOf, injectionsOf, type Scenario, scenarioOf } from "./scenarios.ts"

const whole = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
const number = whole(MOST)
const faultGene: Arbitrary.Arbitrary<FaultGene> = Arbitrary.schema(
  Schema.Struct({ what: number, whom: number, when: number, long: number })
)
const faults = (most = MOST_FAULTS) => Arbitrary.array(faultGene, { maxLength: most })
const habits = Arbitrary.array(faultGene, { maxLength: MOST_HABITS })

/** A branch has children, of which each is one level less deep. */
const treeGene = (levels: number): Schema.Codec<TreeGene> => {
  const kids: Schema.Codec<ReadonlyArray<TreeGene>> =
    levels === 0
      ? Schema.Array(Schema.Never).check(Schema.isMaxLength(0))
      : Schema.Array(treeGene(levels - 1)).check(Schema.isMaxLength(WIDEST))
  return Schema.Struct({ kind: number, restart: number, limits: number, pace: number, kids })
}
const tree: Arbitrary.Arbitrary<TreeSpec> = Arbitrary.map(Arbitrary.schema(treeGene(DEEPEST - 1)), treeOf)
const seed: Arbitrary.Arbitrary<number> = Arbitrary.schema(whole(2 ** 31 - 1))

export const arbitraries = {
  /** A tree of up to four levels, of all strategies and restart types, with pools. */
  tree,
  seed,
  /** Faults of nodes of this tree. */
  injections: (of: TreeSpec, options: FaultOptions = {}): Arbitrary.Arbitrary<ReadonlyArray<Dated>> =>
    Arbitrary.map(faults(options.most), (genes) => injectionsOf(of, genes, options)),
  /** How workers of this tree behave: slow and fast starts, deaf ones, crash loops. */
  behaviours: (of: TreeSpec): Arbitrary.Arbitrary<ReadonlyArray<BehaviourAt>> => Arbitrary.map(habits, (genes) => habitsOf(of, genes)),
  /** A tree, its workers, its faults and its seed, all at random; and a calm after it, and a stop. */
  scenario: (options: FaultOptions = {}): Arbitrary.Arbitrary<Scenario> =>
    Arbitrary.map(Arbitrary.all({ tree, seed, faults: faults(options.most), habits }), (genes) => scenarioOf(genes, options))
} as const
