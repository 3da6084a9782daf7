/** One tree in many worlds: the same faults, each time with another seed. */
import type { Tree, TreeSpec } from "../../spec/Spec.ts"
import type { Violation } from "../invariants/Invariant.ts"
import { decodeTreeOrThrow, type Rehearsal, rehearse, type SimulateOptions } from "../simulate.ts"
import { type Estimate, estimate, percentile, shareOf } from "./Estimate.ts"

export interface CampaignOptions extends SimulateOptions {
  /** How many worlds; their seeds are `seed`, `seed` + 1, and so on. Default 100. */
  readonly runs?: number
}

export interface Campaign {
  readonly runs: number
  /** Of the whole tree, as in `Rehearsal`. */
  readonly availability: Estimate
  /** Of each worker, by its path; of all instances of a pool together, as `/shop/jobs/*`. */
  readonly workers: ReadonlyMap<string, Estimate>
  /** Per run. */
  readonly restarts: Estimate
  /** Supervisors that gave up, per run. */
  readonly escalations: Estimate
  /** The share of the runs in which the tree did not live to the end. */
  readonly ended: Estimate
  /** From the end of a worker until it was up again, over all runs. Undefined when nothing came up again. */
  readonly repairMs: Repair | undefined
  /** The run with the least availability; of several, the one with more restarts. */
  readonly worst: Rehearsal
  /** What did not hold, with the first seed that showed it. */
  readonly violations: ReadonlyArray<Violation & { readonly seed: number }>
  /** How many events the core has folded. */
  readonly events: number
}

export interface Repair {
  readonly count: number
  readonly mean: number
  readonly median: number
  readonly p99: number
  readonly longest: number
}

/** Throws `BadTree` and `BadRehearsal` as `simulate` does. */
export const campaign = (spec: TreeSpec, options: CampaignOptions): Campaign => summarize(runsOf(decodeTreeOrThrow(spec), options))

export function runsOf(tree: Tree, { runs = 100, seed = 0, ...options }: CampaignOptions): ReadonlyArray<Rehearsal> {
  return Array.from({ length: Math.max(1, Math.floor(runs)) }, (_, n) => rehearse(tree, { ...options, seed: seed + n }))
}

export function summarize(runs: ReadonlyArray<Rehearsal>): Campaign {
  const of = (figure: (run: Rehearsal) => number): Estimate => estimate(runs.map(figure))
  return {
    runs: runs.length,
    availability: of((run) => run.availability),
    workers: workersIn(runs),
    restarts: of((run) => run.restarts),
    escalations: of((run) => run.escalations.length),
    ended: shareOf(runs.filter((run) => run.ended !== undefined).length, runs.length),
    repairMs: repairOf(runs),
    worst: runs.reduce((worst, run) => (isWorse(run, worst) ? run : worst)),
    violations: violationsIn(runs),
    events: runs.reduce((sum, run) => sum + run.events, 0)
  }
}

const isWorse = (one: Rehearsal, other: Rehearsal): boolean =>
  one.availability < other.availability || (one.availability === other.availability && one.restarts > other.restarts)

function workersIn(runs: ReadonlyArray<Rehearsal>): ReadonlyMap<string, Estimate> {
  const samples = new Map<string, Array<number>>()
  for (const { workers } of runs)
    for (const [path, { upMs, wantedMs }] of together(workers)) {
      const known = samples.get(path) ?? []
      known.push(wantedMs > 0 ? upMs / wantedMs : 1)
      samples.set(path, known)
    }
  return new Map([...samples].map(([path, all]) => [path, estimate(all)]))
}

/** The instances of a pool are alike, and their numbers are never used again: all of them are one. Only they have an id that is a number. */
function together(workers: Rehearsal["workers"]): ReadonlyMap<string, { readonly upMs: number; readonly wantedMs: number }> {
  const sums = new Map<string, { upMs: number; wantedMs: number }>()
  for (const [path, { upMs, wantedMs }] of workers) {
    const name = path.replace(/\/\d+(?=\/|$)/g, "/*")
    const sum = sums.get(name) ?? { upMs: 0, wantedMs: 0 }
    sums.set(name, { upMs: sum.upMs + upMs, wantedMs: sum.wantedMs + wantedMs })
  }
  return sums
}

/** All repairs of all workers in these runs. */
export function repairOf(runs: ReadonlyArray<Rehearsal>): Repair | undefined {
  const all = runs.flatMap(({ workers }) => [...workers.values()].flatMap(({ repairsMs }) => repairsMs)).sort((one, other) => one - other)
  if (all.length === 0) return undefined
  const mean = all.reduce((sum, one) => sum + one, 0) / all.length
  return { count: all.length, mean, median: percentile(all, 0.5)!, p99: percentile(all, 0.99)!, longest: all.at(-1)! }
}

function violationsIn(runs: ReadonlyArray<Rehearsal>): Campaign["violations"] {
  const first = new Map<string, Violation & { readonly seed: number }>()
  for (const { seed, violations } of runs)
    for (const violation of violations) if (!first.has(violation.invariant)) first.set(violation.invariant, { ...violation, seed })
  return [...first.values()]
}
