/**
 * What each detector would have reported for each trace: the child runs all along, so every conviction is a mistake.
 */
import type { Family } from "./Family.ts"
import { hoursOf, type Trace } from "./Trace.ts"

/** A family with its parameter. */
export interface Configuration {
  readonly family: string
  readonly group: Family["group"]
  readonly threshold: number
  /** Whether its authors recommend it. */
  readonly usual: boolean
  /**
   * How long it takes to notice a child that dies just after a beat, in ms: the mean timeout, and over the traces their
   * geometric mean.
   */
  readonly detectionMs: number
  readonly mistakes: number
  readonly perHour: number
  readonly traces: ReadonlyArray<Outcome>
}

interface Outcome {
  readonly trace: string
  readonly detectionMs: number
  readonly mistakes: number
}

export function replayAll(families: ReadonlyArray<Family>, traces: ReadonlyArray<Trace>): ReadonlyArray<Configuration> {
  const hours = traces.reduce((sum, trace) => sum + hoursOf(trace), 0)
  return families.flatMap((family) => {
    const outcomes = traces.map((trace) => replay(family, trace))
    return family.thresholds.map((threshold, n) => {
      const mine = outcomes.map((each) => each[n]!)
      const mistakes = mine.reduce((sum, { mistakes }) => sum + mistakes, 0)
      const detectionMs = Math.exp(mine.reduce((sum, { detectionMs }) => sum + Math.log(detectionMs), 0) / mine.length)
      const usual = threshold === family.usual
      return { family: family.name, group: family.group, threshold, usual, detectionMs, mistakes, perHour: mistakes / hours, traces: mine }
    })
  })
}

/** One outcome for each threshold. */
export function replay({ make, thresholds }: Family, { name, everyMs, seq, sent, received }: Trace): ReadonlyArray<Outcome> {
  const channel = make(everyMs, thresholds)
  const timeouts = new Float64Array(thresholds.length)
  const sums = new Float64Array(thresholds.length)
  const mistakes = new Float64Array(thresholds.length)
  for (let beat = 0; beat + 1 < received.length; beat++) {
    channel.beat(received[beat]!, sent[beat]!, seq[beat]!)
    channel.timeouts(timeouts)
    const silence = received[beat + 1]! - received[beat]!
    for (let n = 0; n < thresholds.length; n++) {
      sums[n]! += timeouts[n]!
      if (silence > timeouts[n]!) mistakes[n]!++
    }
  }
  return thresholds.map((_, n) => ({ trace: name, detectionMs: sums[n]! / (received.length - 1), mistakes: mistakes[n]! }))
}
