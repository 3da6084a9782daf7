/** All planted bugs, by room. `npm run mutants` shows which tests notice which. */
import type { Mutant } from "./Mutant.ts"
import { bootAndStop } from "./planted/core/bootAndStop.ts"
import { detection } from "./planted/core/detection.ts"
import { failChild } from "./planted/core/failChild.ts"
import { images } from "./planted/core/image.ts"
import { invariants } from "./planted/core/invariants.ts"
import { pacing } from "./planted/core/pacing.ts"
import { poolsAndCalls } from "./planted/core/poolsAndCalls.ts"
import { rehearsals } from "./planted/core/rehearsals.ts"
import { restarts } from "./planted/core/restarts.ts"
import { watching } from "./planted/leaf/watch.ts"
import { monitoring } from "./planted/runtime/monitor.ts"

export const mutants: ReadonlyArray<Mutant> = [
  ...invariants,
  ...restarts,
  ...bootAndStop,
  ...poolsAndCalls,
  ...pacing,
  ...failChild,
  ...images,
  ...detection,
  ...rehearsals,
  ...watching,
  ...monitoring
]
