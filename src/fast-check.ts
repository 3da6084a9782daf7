/**
 * `supervise/testing/fast-check`: random trees and faults for `fast-check`, which shrink to the fewest and simplest.
 */
import * as fc from "fast-check"
import {
  type FaultNumbers,
  MAX_BEHAVIOURS,
  MAX_CHILDREN,
  MAX_DEPTH,
  MAX_FAULTS,
  MAX_NUMBER,
  type TreeNumbers,
  treeOf
} from "./sim/search/generators.ts"
import { behavioursOf, type FaultOptions, injectionsOf, type Scenario, scenarioOf } from "./sim/search/scenarios.ts"
import type { BehaviourAt } from "./sim/world/Behaviour.ts"
import type { ScheduledInjection } from "./sim/world/Injection.ts"
import type { TreeSpec } from "./tree/Spec.ts"

export type { FaultOptions, Scenario }

const number = fc.nat({ max: MAX_NUMBER })
const faultNumbers: fc.Arbitrary<FaultNumbers> = fc.record({ what: number, target: number, when: number, long: number })
const faults = (most = MAX_FAULTS) => fc.array(faultNumbers, { maxLength: most })
const workerBehaviours = fc.array(faultNumbers, { maxLength: MAX_BEHAVIOURS })

const treeNumbers = (levels: number): fc.Arbitrary<TreeNumbers> =>
  fc.record({
    kind: number,
    restart: number,
    limits: number,
    pace: number,
    kids: levels === 0 ? fc.constant([]) : fc.array(treeNumbers(levels - 1), { maxLength: MAX_CHILDREN })
  })

/** A tree of up to four levels, with every strategy and restart type, and pools. */
export const tree: fc.Arbitrary<TreeSpec> = treeNumbers(MAX_DEPTH - 1).map(treeOf)

export const seed: fc.Arbitrary<number> = fc.nat()

/** Faults of the nodes of this tree. */
export const injections = (of: TreeSpec, options: FaultOptions = {}): fc.Arbitrary<ReadonlyArray<ScheduledInjection>> =>
  faults(options.most).map((numbers) => injectionsOf(of, numbers, options))

/** How the workers of this tree behave: slow and fast starts, ignored stop signals, crash loops. */
export const behaviours = (of: TreeSpec): fc.Arbitrary<ReadonlyArray<BehaviourAt>> =>
  workerBehaviours.map((numbers) => behavioursOf(of, numbers))

/** A random tree with behaviours, faults and a seed, followed by a calm and a stop. */
export const scenario = (options: FaultOptions = {}): fc.Arbitrary<Scenario> =>
  fc.record({ tree, seed, faults: faults(options.most), behaviours: workerBehaviours }).map((numbers) => scenarioOf(numbers, options))
