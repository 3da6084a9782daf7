/** Every policy in every scenario, and how far each is from the best. */
import type { simulate } from "../../src/testing.ts"
import { type Cost, costOf } from "./cost.ts"
import { type Policy, policies } from "./policies.ts"
import { scenarios } from "./scenarios.ts"

export interface Compared {
  readonly policy: string
  /** In the order of the scenarios. */
  readonly costs: ReadonlyArray<Cost>
  /** The ratio of its cost to that of the best, over the scenarios: the geometric mean, and the worst. */
  readonly ratio: number
  readonly worst: number
}

/** `coreOf` returns the core that paces as the policy does. */
export function compare(coreOf: (policy: Policy) => typeof simulate, seeds: number): ReadonlyArray<Compared> {
  const table = policies.map((policy) => ({
    policy: policy.name,
    costs: scenarios.map((scenario) => costOf(coreOf(policy), policy, scenario, seeds))
  }))
  const best = scenarios.map((_, n) => Math.min(...table.map(({ costs }) => costs[n]!.cost)))
  return table.map(({ policy, costs }) => {
    const ratios = costs.map(({ cost }, n) => cost / best[n]!)
    const ratio = Math.exp(ratios.reduce((sum, one) => sum + Math.log(one), 0) / ratios.length)
    return { policy, costs, ratio, worst: Math.max(...ratios) }
  })
}
