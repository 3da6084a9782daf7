/**
 * Rehearses the same random scenarios with a copy of `src`. Returns the invariants that do not hold, with the first
 * sentence of each.
 */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"

type Testing = Pick<typeof import("../../src/testing.ts"), "arbitraries" | "invariants" | "simulate">

export async function hunt({ arbitraries, invariants, simulate }: Testing): Promise<ReadonlyMap<string, string>> {
  const scenarios = await Effect.runPromise(Arbitrary.sampleEffect(arbitraries.scenario(), { count: 600, seed: 5, size: 40 }))
  const broken = new Map<string, string>()
  for (const { tree, options } of scenarios)
    for (const { invariant, sentence } of simulate(tree, { ...options, invariants }).violations)
      if (!broken.has(invariant)) broken.set(invariant, sentence)
  return broken
}
