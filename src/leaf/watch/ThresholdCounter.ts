/**
 * Counts the results of one probe: enough failures in a row make it unwell, enough successes in a row make it well
 * again.
 */
import type { Timetable } from "../../tree/Probe.ts"
import type { ProbeResult } from "../probe/ProbeResult.ts"

/**
 * Failures that may be our own fault are not counted, but at most this many in a row: a machine that is always slow is
 * no excuse.
 */
const MAX_EXCUSED = 3

export class ThresholdCounter {
  private readonly thresholds: Pick<Timetable, "successThreshold" | "failureThreshold">
  private successes = 0
  private excused = 0
  /** Undefined until a threshold is first reached. */
  private well: boolean | undefined = undefined
  /** Failures in a row. */
  failures = 0

  constructor(thresholds: ThresholdCounter["thresholds"]) {
    this.thresholds = thresholds
  }

  /** What this result changed, if anything. `isOurFault`: the result may be late or lost because we did not run. */
  add(result: ProbeResult, isOurFault: boolean): "well" | "unwell" | undefined {
    if (result !== undefined && isOurFault && ++this.excused <= MAX_EXCUSED) return undefined
    if (!isOurFault) this.excused = 0
    if (result === undefined) {
      this.failures = 0
      return ++this.successes >= this.thresholds.successThreshold ? this.becomes(true) : undefined
    }
    this.successes = 0
    return ++this.failures >= this.thresholds.failureThreshold ? this.becomes(false) : undefined
  }

  private becomes(well: boolean): "well" | "unwell" | undefined {
    if (this.well === well) return undefined
    this.well = well
    return well ? "well" : "unwell"
  }
}
