/** The random trees and faults for fast-check. */
import * as fc from "fast-check"
import { invariants, simulate } from "supervise/testing"
import { behaviours, injections, scenario, seed, tree } from "supervise/testing/fast-check"
import { expect, it } from "vitest"
import { supervisor, worker } from "../../src/index.ts"
import { decodeTreeResult } from "../../src/tree/decode.ts"

const SEED = Number(process.env.SEED ?? Math.floor(Date.now() / 1000))
const replay = `SEED=${SEED} npx vitest run test/sim/fastCheck.test.ts`
const shop = supervisor({ id: "shop", children: [worker({ id: "db", start: ["db"] }), worker({ id: "web", start: ["web"] })] })

it(`makes trees that can be run (${replay})`, () => {
  fc.assert(
    fc.property(tree, (spec) => decodeTreeResult(spec)._tag === "Success"),
    { seed: SEED }
  )
})

it(`makes scenarios in which every invariant holds (${replay})`, () => {
  const holds = fc.property(scenario(), ({ tree, options }) => simulate(tree, { ...options, invariants }).violations.length === 0)
  fc.assert(holds, { seed: SEED, numRuns: 200 })
})

it("shrinks a failure to the one fault it takes", () => {
  const property = fc.property(injections(shop, { for: "1m" }), behaviours(shop), seed, (injections, behaviours, seed) => {
    simulate(shop, { for: "1m", seed, behaviours, injections })
    return !injections.some(({ type }) => type === "kill")
  })
  const { counterexample } = fc.check(property, { seed: 1 })
  expect(counterexample).toEqual([[{ type: "kill", path: "/shop/web", at: 0 }], [], 0])
})
