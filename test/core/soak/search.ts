/** Searches for a run in which an invariant does not hold, and shrinks it. */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import { type Gene, generator } from "./gene.ts"
import { Violation } from "./invariants.ts"
import { type Core, type Images, run } from "./run.ts"

export interface Found {
  /** The invariant that did not hold. */
  readonly what: string
  readonly gene: Gene
  readonly replay: string
}

/** Undefined if everything held in all runs. */
export async function search(
  core: Core,
  options: { readonly runs: number; readonly seed: number; readonly replay?: string | undefined; readonly maxShrinks?: number },
  images?: Images
): Promise<Found | undefined> {
  const property = (gene: Gene) =>
    Effect.try({ try: () => everythingHolds(core, gene, images), catch: (error) => String((error as Error).message) })
  const result = await Effect.runPromise(Arbitrary.checkEffect(generator, property, { maxShrinks: 500, ...options, size: 40 }))
  if (result._tag === "Passed") return undefined
  // A run that failed once, and that holds since the fault was mended.
  if (result._tag === "ReplayMismatch" && result.reason === "PropertyPassed") return undefined
  if (result._tag !== "Falsified") throw new Error(Arbitrary.formatCheckFailure(result))
  // The first failure: a core that uses randomness may not fail again.
  const what = result.failure._tag === "ReturnedFalse" ? "it does not hold" : String(result.failure.error)
  return { what, gene: result.shrunkInput, replay: result.replay }
}

/**
 * Every eighth run is repeated: chance in the core would show in almost every one of them. And one in 64 is repeated
 * with a tree that is restored again and again.
 */
function everythingHolds(core: Core, gene: Gene, images?: Images): boolean {
  const isRepeated = gene.luck % 8 === 0
  const isRestored = gene.luck % 64 === 1
  const [once, again]: [Array<string>, Array<string>] = [[], []]
  run(core, gene, isRepeated || isRestored ? once : undefined)
  try {
    if (isRepeated) run(core, gene, again)
    if (isRestored) run(core, gene, again, { restoreEvery: 1 + (gene.luck % 7), ...(images && { images }) })
    if (once.join() !== again.join()) throw new Violation("the same run differs")
  } catch (error) {
    throw new Violation(`${isRestored ? "restored" : "repeated"}: ${(error as Error).message}`)
  }
  return true
}
