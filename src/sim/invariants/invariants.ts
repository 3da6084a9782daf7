/** The promises of supervision that hold for every tree. */
import type { Invariant } from "./Invariant.ts"
import { eachExitOnce, neverTwice, noOrphans, numbersGrow } from "./incarnations.ts"
import { escalatesOnlyByIntensity, failsOnlyByIntensity, withinIntensity } from "./limits.ts"
import { startsInOrder, stopsInReverse } from "./order.ts"
import { breakerDefers, pendingIsUncounted, startGate } from "./pacing.ts"
import { backoffInBounds, eventuallyUp, shutdownBounded } from "./rest.ts"

export const invariants: ReadonlyArray<Invariant> = [
  neverTwice,
  numbersGrow,
  eachExitOnce,
  noOrphans,
  withinIntensity,
  escalatesOnlyByIntensity,
  failsOnlyByIntensity,
  startsInOrder,
  stopsInReverse,
  backoffInBounds,
  startGate,
  breakerDefers,
  pendingIsUncounted,
  eventuallyUp,
  shutdownBounded
]
