/** Looks for a life in which something does not hold, and for the smallest such. */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import { type Gene, genes } from "./gene.ts"
import { Violation } from "./invariants.ts"
import { type Core, live } from "./run.ts"

export interface Found {
  /** What did not hold. */
  readonly what: string
  readonly gene: Gene
  readonly replay: string
}

/** Undefined when everything held in all runs. */
export async function search(
  core: Core,
  options: { readonly runs: number; readonly seed: number; readonly replay?: string | undefined; readonly maxShrinks?: number }
): Promise<Found | undefined> {
  const property = (gene: Gene) =>
    Effect.try({ try: () => everythingHolds(core, gene), catch: (error) => String((error as Error).message) })
  const result = await Effect.runPromise(Arbitrary.checkEffect(genes, property, { maxShrinks: 500, ...options, size: 40 }))
  if (result._tag === "Passed") return undefined
  if (result._tag !== "Falsified") throw new Error(Arbitrary.formatCheckFailure(result))
  // What was found then: a core that takes chance from nowhere may behave when asked again.
  const what = result.failure._tag === "ReturnedFalse" ? "it does not hold" : String(result.failure.error)
  return { what, gene: result.shrunkInput, replay: result.replay }
}

function everythingHolds(core: Core, gene: Gene): boolean {
  const [once, again] = [live(core, gene), live(core, gene)]
  if (once !== again) throw new Violation("the same life, lived twice, differs")
  return true
}
