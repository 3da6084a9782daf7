/** What must hold of detectors, of the real ones and of none that is broken: the tests and the mutants ask the same. */
import type * as DetectorModule from "../../../src/core/detection/Detector.ts"
import type * as PhiModule from "../../../src/core/detection/Phi.ts"

export type Detection = Pick<typeof PhiModule, "phi" | "timeoutFor"> & Pick<typeof DetectorModule, "Detector">

export interface Law {
  readonly title: string
  /** Throws when it does not. */
  readonly holds: (detection: Detection) => void
}
