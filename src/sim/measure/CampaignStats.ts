/** Adds up rehearsals, keeping only the worst. */

import { DurationHistogram, type DurationStats } from "../DurationHistogram.ts"
import type { Violation } from "../invariants/Invariant.ts"
import type { Rehearsal } from "../simulate.ts"
import { type Estimate, Sample, shareOf } from "./Estimate.ts"

/** What many rehearsals of one tree add up to. */
export interface Campaign {
  readonly runs: number
  /** Of the whole tree, as in `Rehearsal`. */
  readonly availability: Estimate
  /** For each worker, by its path. The instances of a pool are one entry, such as `/shop/jobs/*`. */
  readonly workers: ReadonlyMap<string, Estimate>
  /** Per run. */
  readonly restarts: Estimate
  /** Children that were failed, per run. */
  readonly failures: Estimate
  /** Supervisors that gave up, per run. */
  readonly escalations: Estimate
  /** The share of the runs in which the tree ended before its time. */
  readonly ended: Estimate
  /** From the exit of a worker until it was up again, over all runs. Undefined if no worker came up again. */
  readonly recoveryMs: DurationStats | undefined
  /** From when a worker hung until it was convicted, over all runs. Undefined if none was convicted. */
  readonly detectionMs: DurationStats | undefined
  /** Convictions of workers that had not hung, per run. */
  readonly falseConvictions: Estimate
  /** The run with the least availability; among equals, the one with more restarts. */
  readonly worst: Rehearsal
  /** The violations, each with the first seed that showed it. */
  readonly violations: ReadonlyArray<Violation & { readonly seed: number }>
  /** How many events the core handled. */
  readonly events: number
}

export class CampaignStats {
  private runs = 0
  private ended = 0
  private events = 0
  private readonly availability = new Sample()
  private readonly restarts = new Sample()
  private readonly failures = new Sample()
  private readonly escalations = new Sample()
  private readonly workers = new Map<string, Sample>()
  private readonly repairs = new DurationHistogram()
  private readonly detections = new DurationHistogram()
  private readonly falseConvictions = new Sample()
  private readonly violations = new Map<string, Violation & { readonly seed: number }>()
  private worst: Rehearsal | undefined

  add(run: Rehearsal): void {
    this.runs++
    if (run.ended !== undefined) this.ended++
    this.events += run.events
    this.availability.add(run.availability)
    this.restarts.add(run.restarts)
    this.failures.add(run.failures)
    this.escalations.add(run.escalations.length)
    for (const [path, { upMs, wantedMs }] of together(run.workers)) {
      const sample = this.workers.get(path) ?? new Sample()
      sample.add(wantedMs > 0 ? upMs / wantedMs : 1)
      this.workers.set(path, sample)
    }
    let falsePositives = 0
    for (const { repairsMs, detectionsMs, falseConvictions } of run.workers.values()) {
      for (const ms of repairsMs) this.repairs.add(ms)
      for (const ms of detectionsMs) this.detections.add(ms)
      falsePositives += falseConvictions
    }
    this.falseConvictions.add(falsePositives)
    for (const violation of run.violations)
      if (!this.violations.has(violation.invariant)) this.violations.set(violation.invariant, { ...violation, seed: run.seed })
    if (this.worst === undefined || isWorse(run, this.worst)) this.worst = run
  }

  /** Call after at least one `add`. */
  get campaign(): Campaign {
    return {
      runs: this.runs,
      availability: this.availability.estimate,
      workers: new Map([...this.workers].map(([path, sample]) => [path, sample.estimate])),
      restarts: this.restarts.estimate,
      failures: this.failures.estimate,
      escalations: this.escalations.estimate,
      ended: shareOf(this.ended, this.runs),
      recoveryMs: this.repairs.stats,
      detectionMs: this.detections.stats,
      falseConvictions: this.falseConvictions.estimate,
      worst: this.worst!,
      violations: [...this.violations.values()],
      events: this.events
    }
  }
}

const isWorse = (one: Rehearsal, other: Rehearsal): boolean =>
  one.availability < other.availability || (one.availability === other.availability && one.restarts > other.restarts)

/**
 * Merges the instances of a pool: they are alike, and their numbers are never reused. Only they have a number as an id.
 */
function together(workers: Rehearsal["workers"]): ReadonlyMap<string, { readonly upMs: number; readonly wantedMs: number }> {
  const sums = new Map<string, { upMs: number; wantedMs: number }>()
  for (const [path, { upMs, wantedMs }] of workers) {
    const name = path.replace(/\/\d+(?=\/|$)/g, "/*")
    const sum = sums.get(name) ?? { upMs: 0, wantedMs: 0 }
    sums.set(name, { upMs: sum.upMs + upMs, wantedMs: sum.wantedMs + wantedMs })
  }
  return sums
}
