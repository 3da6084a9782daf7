/** node test/sim/hunt.ts FOLDER: rehearses random scenarios with the `src` of this folder, and prints which invariants do not hold. */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"

const { arbitraries, invariants, simulate } = (await import(
  new URL("testing.ts", process.argv[2]).href
)) as typeof import("../../src/testing.ts")
const scenarios = await Effect.runPromise(Arbitrary.sampleEffect(arbitraries.scenario(), { count: 600, seed: 5, size: 40 }))
const broken = new Map<string, string>()
for (const { tree, options } of scenarios)
  for (const { invariant, sentence } of simulate(tree, { ...options, invariants }).violations)
    if (!broken.has(invariant)) broken.set(invariant, sentence)
console.log(JSON.stringify(Object.fromEntries(broken)))
