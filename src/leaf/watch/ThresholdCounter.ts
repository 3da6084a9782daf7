/** What a row of answers of one probe comes to: so many failures in a row make it unwell, so many successes well again. */
import type { Timetable } from "../../tree/Probe.ts"
import type { ProbeResult } from "../probe/ProbeResult.ts"

/** Failures for which we ourselves may be to blame are not counted, but only so many in a row: a machine that is always slow is no excuse. */
const EXCUSED_MOST = 3

export class ThresholdCounter {
  private readonly thresholds: Pick<Timetable, "successThreshold" | "failureThreshold">
  private successes = 0
  private excused = 0
  /** Undefined until one of the thresholds is reached for the first time. */
  private well: boolean | undefined = undefined
  /** In a row. */
  failures = 0

  constructor(thresholds: ThresholdCounter["thresholds"]) {
    this.thresholds = thresholds
  }

  /** What has changed by this answer, if anything has. `ours`: the answer may be late or lost because we did not run. */
  add(verdict: ProbeResult, ours: boolean): "well" | "unwell" | undefined {
    if (verdict !== undefined && ours && ++this.excused <= EXCUSED_MOST) return undefined
    if (!ours) this.excused = 0
    if (verdict === undefined) {
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
