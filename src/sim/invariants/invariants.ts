/** What our supervision promises, whatever happens. */
import type { Invariant } from "./Invariant.ts"
import { escalatesOnlyByIntensity, withinIntensity } from "./limits.ts"
import { eachExitOnce, neverTwice, noOrphans, numbersGrow } from "./lives.ts"
import { startsInOrder, stopsInReverse } from "./order.ts"
import { breakerHolds, heldIsUncounted, startGate } from "./pacing.ts"
import { backoffInBounds, eventuallyUp, shutdownBounded } from "./rest.ts"

export const invariants: ReadonlyArray<Invariant> = [
  neverTwice,
  numbersGrow,
  eachExitOnce,
  noOrphans,
  withinIntensity,
  escalatesOnlyByIntensity,
  startsInOrder,
  stopsInReverse,
  backoffInBounds,
  startGate,
  breakerHolds,
  heldIsUncounted,
  eventuallyUp,
  shutdownBounded
]
