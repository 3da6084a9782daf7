/**
 * Random trees in random worlds: every invariant holds. A failure prints the smallest scenario, its seed and how to
 * replay it.
 */
import { expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import { arbitraries, invariants, type Scenario, shrink, simulate } from "../../src/testing.ts"

const seed = Number(process.env.SEED ?? Math.floor(Date.now() / 1000))
const runs = Number(process.env.RUNS ?? 500)

/** Enough for an hour of most trees. One that restarts twenty times a second would keep us for minutes. */
const EVENTS_MAX = 200_000
const tooMany = new Error("too many events")

function violations({ tree, options }: Scenario) {
  let events = 0
  const watch = () => {
    if (++events > EVENTS_MAX) throw tooMany
  }
  try {
    return simulate(tree, { ...options, invariants, watch }).violations
  } catch (error) {
    if (error === tooMany) return []
    throw error
  }
}

/** The sentence, tree and options of the smallest rehearsal that violates the same invariant. */
function smallest({ tree, options }: Scenario): string {
  const broken = simulate(tree, { ...options, invariants }).violations[0]!.invariant
  const found = shrink(tree, { ...options, invariants }, (rehearsal) => rehearsal.violations[0]?.invariant === broken)!
  const { invariants: _, ...rest } = found.options
  return `${found.rehearsal.violations[0]!.sentence}\n${JSON.stringify(found.tree)}\n${JSON.stringify(rest)}`
}

it.effect(`every invariant holds in ${runs} rehearsals (SEED=${seed} RUNS=${runs} npx vitest run test/sim/invariants.test.ts)`, () =>
  Effect.gen(function* () {
    const result = yield* Arbitrary.checkEffect(arbitraries.scenario(), (scenario) => violations(scenario).length === 0, { runs, seed })
    expect(result._tag === "Falsified" ? smallest(result.shrunkInput) : result._tag).toBe("Passed")
  })
)
