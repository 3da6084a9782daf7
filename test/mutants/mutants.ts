/** All the bugs that are planted, room by room, each in a copy of its own. `npm run mutants` shows which tests notice which. */
import type { Mutant } from "./Mutant.ts"
import { detection } from "./planted/core/detection.ts"
import { failChild } from "./planted/core/failChild.ts"
import { invariants } from "./planted/core/invariants.ts"
import { lives } from "./planted/core/lives.ts"
import { orders } from "./planted/core/orders.ts"
import { pacing } from "./planted/core/pacing.ts"
import { rehearsals } from "./planted/core/rehearsals.ts"
import { restarts } from "./planted/core/restarts.ts"
import { watching } from "./planted/leaf/watch.ts"
import { monitoring } from "./planted/runtime/monitor.ts"

export const mutants: ReadonlyArray<Mutant> = [
  ...invariants,
  ...restarts,
  ...lives,
  ...orders,
  ...pacing,
  ...failChild,
  ...detection,
  ...rehearsals,
  ...watching,
  ...monitoring
]
