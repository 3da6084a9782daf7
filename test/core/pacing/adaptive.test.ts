/**
 * Adaptive backoff and the start gate: laws for every policy and every history. `SEED=… RUNS=… npx vitest run
 * test/core/pacing/adaptive.test.ts`
 */
import { describe, it } from "@effect/vitest"
import * as core from "../../../src/core/Machine.ts"
import * as adaptive from "../../../src/core/pacing/Adaptive.ts"
import { jitterOf } from "../../../src/core/pacing/Backoff.ts"
import { adaptiveLaws } from "./adaptiveLaws.ts"
import { gateLaws } from "./gateLaws.ts"

const pacing = { ...core, ...adaptive, jitterOf }

/** More time for more runs. */
const patience = { timeout: 60_000 + Number(process.env.RUNS ?? 0) * 30 }

describe("adaptive backoff", () => {
  for (const { title, holds } of adaptiveLaws) it(title, patience, () => holds(pacing))
})
describe("the start gate", () => {
  for (const { title, holds } of gateLaws) it(title, patience, () => holds(pacing))
})
