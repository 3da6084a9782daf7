/**
 * What must hold of how restarts are paced, by the real core and by none that is broken: the tests and the mutants ask
 * the same.
 */
import type * as AdaptiveModule from "../../../src/core/pacing/Adaptive.ts"
import type * as BackoffModule from "../../../src/core/pacing/Backoff.ts"
import type { Core } from "../soak/run.ts"

export type Pacing = typeof AdaptiveModule & Pick<typeof BackoffModule, "jitterOf"> & Core

export interface Law {
  readonly title: string
  /** Throws when it does not. */
  readonly holds: (pacing: Pacing) => void
}
