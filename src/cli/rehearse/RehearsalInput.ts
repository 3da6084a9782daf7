/** Turns the flags that `rehearse` and `whatif` share into the options of a rehearsal. */
import * as Effect from "effect/Effect"
import { BadRehearsal } from "../../sim/BadRehearsal.ts"
import type { SimulateOptions } from "../../sim/simulate.ts"
import { millis, type Time } from "../../sim/Time.ts"
import { loadTree } from "../load/load.ts"
import { errors } from "../print/errors.ts"
import { behavioursOf, type FaultFlags, injectionsOf } from "./faults.ts"

export interface RehearsalInput extends FaultFlags {
  readonly tree: string
  readonly tier: string | undefined
  readonly seed: number
  readonly length: string
}

export const load = Effect.fnUntraced(function* ({ tree, tier }: RehearsalInput) {
  const loaded = yield* loadTree(tree, { tier })
  if (loaded.printed !== "") errors.line(loaded.printed.trimEnd())
  return loaded.tree
})

export const worldOf = (input: RehearsalInput): Effect.Effect<SimulateOptions, BadRehearsal> =>
  tried(() => ({
    for: millis(input.length as Time, "--for"),
    seed: input.seed,
    behaviours: behavioursOf(input),
    injections: injectionsOf(input)
  }))

/** Turns a `BadRehearsal` that is thrown into one that is returned. */
export const tried = <A>(what: () => A): Effect.Effect<A, BadRehearsal> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(what())
    } catch (error) {
      return error instanceof BadRehearsal ? Effect.fail(error) : Effect.die(error)
    }
  })
