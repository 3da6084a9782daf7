/** Random trees and faults for `@effect/vitest`, which shrink to the fewest and simplest. */
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import type { TreeSpec } from "../../tree/Spec.ts"
import type { BehaviourAt } from "../world/Behaviour.ts"
import type { ScheduledInjection } from "../world/Injection.ts"
import {
  type FaultNumbers,
  MAX_BEHAVIOURS,
  MAX_CHILDREN,
  MAX_DEPTH,
  MAX_FAULTS,
  MAX_NUMBER,
  type TreeNumbers,
  treeOf
} from "./generators.ts"
import { behavioursOf, type FaultOptions, injectionsOf, type Scenario, scenarioOf } from "./scenarios.ts"

const whole = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
const number = whole(MAX_NUMBER)
const faultNumbers: Arbitrary.Arbitrary<FaultNumbers> = Arbitrary.schema(
  Schema.Struct({ what: number, target: number, when: number, long: number })
)
const faults = (most = MAX_FAULTS) => Arbitrary.array(faultNumbers, { maxLength: most })
const behaviours = Arbitrary.array(faultNumbers, { maxLength: MAX_BEHAVIOURS })

/** The children of a branch are one level less deep. */
const treeNumbers = (levels: number): Schema.Codec<TreeNumbers> => {
  const kids: Schema.Codec<ReadonlyArray<TreeNumbers>> =
    levels === 0
      ? Schema.Array(Schema.Never).check(Schema.isMaxLength(0))
      : Schema.Array(treeNumbers(levels - 1)).check(Schema.isMaxLength(MAX_CHILDREN))
  return Schema.Struct({ kind: number, restart: number, limits: number, pace: number, kids })
}
const tree: Arbitrary.Arbitrary<TreeSpec> = Arbitrary.map(Arbitrary.schema(treeNumbers(MAX_DEPTH - 1)), treeOf)
const seed: Arbitrary.Arbitrary<number> = Arbitrary.schema(whole(2 ** 31 - 1))

export const arbitraries = {
  /** A tree of up to four levels, with every strategy and restart type, and pools. */
  tree,
  seed,
  /** Faults of the nodes of this tree. */
  injections: (of: TreeSpec, options: FaultOptions = {}): Arbitrary.Arbitrary<ReadonlyArray<ScheduledInjection>> =>
    Arbitrary.map(faults(options.most), (numbers) => injectionsOf(of, numbers, options)),
  /** How the workers of this tree behave: slow and fast starts, ignored stop signals, crash loops. */
  behaviours: (of: TreeSpec): Arbitrary.Arbitrary<ReadonlyArray<BehaviourAt>> =>
    Arbitrary.map(behaviours, (numbers) => behavioursOf(of, numbers)),
  /** A random tree with behaviours, faults and a seed, followed by a calm and a stop. */
  scenario: (options: FaultOptions = {}): Arbitrary.Arbitrary<Scenario> =>
    Arbitrary.map(Arbitrary.all({ tree, seed, faults: faults(options.most), behaviours }), (numbers) => scenarioOf(numbers, options))
} as const
