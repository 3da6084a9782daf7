/**
 * The cost of a policy in a scenario: seconds of avoidable downtime, plus a second for each restart, plus five for each
 * start in the busiest second of a herd. The weights are ours.
 */

import type { JournalEntry } from "../../src/core/Journal.ts"
import type { Rehearsal } from "../../src/sim/simulate.ts"
import type { simulate } from "../../src/testing.ts"
import type { Policy } from "./policies.ts"
import { type Scenario, treeOf } from "./scenarios.ts"

export interface Cost {
  readonly lateS: number
  readonly restarts: number
  /** Starts within the busiest second; 0 where it does not matter. */
  readonly peak: number
  readonly cost: number
}

const [PER_RESTART, PER_START_AT_ONCE] = [1, 5]

/** With the core behind `simulate`. */
export function costOf(run: typeof simulate, policy: Policy, scenario: Scenario, seeds: number): Cost {
  const costs = Array.from({ length: seeds }, (_, seed) => costIn(run, policy, scenario, seed))
  const mean = (key: keyof Cost): number => costs.reduce((sum, cost) => sum + cost[key], 0) / seeds
  return { lateS: mean("lateS"), restarts: mean("restarts"), peak: mean("peak"), cost: mean("cost") }
}

function costIn(run: typeof simulate, policy: Policy, scenario: Scenario, seed: number): Cost {
  const { children, outageMs, isHerd } = scenario
  const starts: Array<number> = []
  const watch = ({ actions }: JournalEntry, at: number): void => {
    for (const action of actions) if (action._tag === "Spawn" && action.incarnation > 1) starts.push(at)
  }
  const { workers } = run(treeOf(policy, children), { ...scenario.world(policy, seed), seed, watch })
  const lateS = (downMs(workers) - children * outageMs(seed)) / 1000
  const peak = isHerd === true ? busiest(starts) : 0
  return { lateS, restarts: starts.length, peak, cost: lateS + PER_RESTART * starts.length + PER_START_AT_ONCE * peak }
}

const downMs = (workers: Rehearsal["workers"]): number =>
  [...workers.values()].reduce((sum, { wantedMs, upMs }) => sum + wantedMs - upMs, 0)

/** The most starts in any second, both ends included. */
function busiest(starts: ReadonlyArray<number>): number {
  let [most, from] = [0, 0]
  for (const [n, at] of starts.entries()) {
    while (starts[from]! < at - 1000) from++
    most = Math.max(most, n - from + 1)
  }
  return most
}
