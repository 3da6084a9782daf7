/**
 * The invariants hold for random trees in a hostile world. SEED and RUNS choose others; a failure prints how to replay
 * it.
 */
import { describe, expect, it } from "vitest"
import * as core from "../../src/core/Machine.ts"
import { search } from "./soak/search.ts"

const seed = Number(process.env.SEED ?? Math.floor(Date.now() / 1000))
/** Thirty thousand take about a minute and a half, so only CI runs that many. For a night there is `npm run soak`. */
const runs = Number(process.env.RUNS ?? (process.env.REQUIRE_ALL === "1" ? 30_000 : 4000))
const limits = { timeout: 60_000 + runs * 10 }

describe("random trees and events", () => {
  it(`all invariants hold in ${runs} runs (SEED=${seed} RUNS=${runs} npx vitest run test/core/properties.test.ts)`, limits, async () => {
    const found = await search(core, { runs, seed })
    const report =
      found === undefined
        ? "everything held"
        : `${found.what}\n${JSON.stringify(found.gene)}\nreplay: TRACE=1 npx node test/core/soak/main.ts 1 ${seed} '' '${found.replay}'`
    expect(report).toBe("everything held")
  })
})
