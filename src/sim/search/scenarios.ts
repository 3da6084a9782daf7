/** Turns random numbers into scenarios, for both `@effect/vitest` and `fast-check`. */
import type { TreeSpec } from "../../tree/Spec.ts"
import type { SimulateOptions } from "../simulate.ts"
import { millis, type Time } from "../Time.ts"
import type { BehaviourAt } from "../world/Behaviour.ts"
import type { ScheduledInjection } from "../world/Injection.ts"
import { behaviourOf, type FaultNumbers, faultOf, pathsOf } from "./generators.ts"

/** A tree, and what happens to it: `simulate(tree, options)`. */
export interface Scenario {
  readonly tree: TreeSpec
  readonly options: SimulateOptions
}

/** How long the faults go on, and how many there are at most. */
export interface FaultOptions {
  /** The faults start within this time. Default 10 minutes. */
  readonly for?: Time
  /** How many faults at most. Default 20. */
  readonly most?: number
}

const lengthOf = (options: FaultOptions): number => millis(options.for ?? "10m", "the time for the faults")

export function injectionsOf(of: TreeSpec, numbers: ReadonlyArray<FaultNumbers>, options: FaultOptions): ReadonlyArray<ScheduledInjection> {
  const [paths, forMs] = [pathsOf(of), lengthOf(options)]
  return numbers.map((numbers) => faultOf(numbers, paths, forMs))
}

export function behavioursOf(of: TreeSpec, numbers: ReadonlyArray<FaultNumbers>): ReadonlyArray<BehaviourAt> {
  const paths = pathsOf(of)
  return numbers.map((numbers) => behaviourOf(numbers, paths))
}

interface ScenarioNumbers {
  readonly tree: TreeSpec
  readonly seed: number
  readonly faults: ReadonlyArray<FaultNumbers>
  readonly behaviours: ReadonlyArray<FaultNumbers>
}

export const scenarioOf = ({ tree, seed, faults, behaviours }: ScenarioNumbers, options: FaultOptions): Scenario => ({
  tree,
  options: {
    for: lengthOf(options),
    seed,
    behaviours: behavioursOf(tree, behaviours),
    injections: injectionsOf(tree, faults, options),
    calm: "1h",
    stop: true
  }
})
