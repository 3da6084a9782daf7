/** Adds rehearsals up, and keeps none of them but the worst. */

import { DurationHistogram, type DurationStats } from "../DurationHistogram.ts"
import type { Violation } from "../invariants/Invariant.ts"
import type { Rehearsal } from "../simulate.ts"
import { type Estimate, Sample, shareOf } from "./Estimate.ts"

/** What many rehearsals of one tree come to. */
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
  readonly recoveryMs: DurationStats | undefined
  /** From when a worker hung until it was taken for dead. Undefined when nobody was found. */
  readonly detectionMs: DurationStats | undefined
  /** How often somebody was taken for dead who was not, per run. */
  readonly falseConvictions: Estimate
  /** The run with the least availability; of several, the one with more restarts. */
  readonly worst: Rehearsal
  /** What did not hold, with the first seed that showed it. */
  readonly violations: ReadonlyArray<Violation & { readonly seed: number }>
  /** How many events the core has folded. */
  readonly events: number
}

export class CampaignStats {
  private runs = 0
  private ended = 0
  private events = 0
  private readonly availability = new Sample()
  private readonly restarts = new Sample()
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
    this.escalations.add(run.escalations.length)
    for (const [path, { upMs, wantedMs }] of together(run.workers)) {
      const sample = this.workers.get(path) ?? new Sample()
      sample.add(wantedMs > 0 ? upMs / wantedMs : 1)
      this.workers.set(path, sample)
    }
    let mistakes = 0
    for (const { repairsMs, detectionsMs, falseConvictions } of run.workers.values()) {
      for (const ms of repairsMs) this.repairs.add(ms)
      for (const ms of detectionsMs) this.detections.add(ms)
      mistakes += falseConvictions
    }
    this.falseConvictions.add(mistakes)
    for (const violation of run.violations)
      if (!this.violations.has(violation.invariant)) this.violations.set(violation.invariant, { ...violation, seed: run.seed })
    if (this.worst === undefined || isWorse(run, this.worst)) this.worst = run
  }

  /** After at least one. */
  get campaign(): Campaign {
    return {
      runs: this.runs,
      availability: this.availability.estimate,
      workers: new Map([...this.workers].map(([path, sample]) => [path, sample.estimate])),
      restarts: this.restarts.estimate,
      escalations: this.escalations.estimate,
      ended: shareOf(this.ended, this.runs),
      recoveryMs: this.repairs.repair,
      detectionMs: this.detections.repair,
      falseConvictions: this.falseConvictions.estimate,
      worst: this.worst!,
      violations: [...this.violations.values()],
      events: this.events
    }
  }
}

const isWorse = (one: Rehearsal, other: Rehearsal): boolean =>
  one.availability < other.availability || (one.availability === other.availability && one.restarts > other.restarts)

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
