/** A law of pacing. The real core keeps it; the tests check that, and the mutants that a broken one does not. */
import type * as AdaptiveModule from "../../../src/core/pacing/Adaptive.ts"
import type * as BackoffModule from "../../../src/core/pacing/Backoff.ts"
import type { Core } from "../soak/run.ts"

export type Pacing = typeof AdaptiveModule & Pick<typeof BackoffModule, "jitterOf"> & Core

export interface Law {
  readonly title: string
  /** Throws if the law is broken. */
  readonly holds: (pacing: Pacing) => void
}
