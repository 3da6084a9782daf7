/** A law of detectors. The real ones keep it; the tests check that, and the mutants that a broken one does not. */
import type * as DetectorModule from "../../../src/core/detection/Detector.ts"
import type * as PhiModule from "../../../src/core/detection/Phi.ts"

export type Detection = Pick<typeof PhiModule, "phi" | "timeoutFor"> & Pick<typeof DetectorModule, "Detector">

export interface Law {
  readonly title: string
  /** Throws if the law is broken. */
  readonly holds: (detection: Detection) => void
}
