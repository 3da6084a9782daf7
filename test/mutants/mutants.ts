/** All the bugs that are planted, each in a copy of its own. `npm run mutants` shows who notices which. */
import type { Mutant } from "./Mutant.ts"
import { detection } from "./planted/detection.ts"
import { invariants } from "./planted/invariants.ts"
import { lives } from "./planted/lives.ts"
import { orders } from "./planted/orders.ts"
import { pacing } from "./planted/pacing.ts"
import { restarts } from "./planted/restarts.ts"

export const mutants: ReadonlyArray<Mutant> = [...invariants, ...restarts, ...lives, ...orders, ...pacing, ...detection]
