/** `supervise whatif <tree>`: compares policies under the same faults. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { worldFlags } from "../rehearse/flags.ts"

const runs = Flag.Int("runs").pipe(Flag.withDefault(100), Flag.withDescription("How many rehearsals of each variant. Default 100."))
const json = Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("The figures as one JSON object per variant."))
const vary = Flag.String("vary").pipe(
  Flag.withMetavar("[PATH:]KEY=VALUE,VALUE"),
  Flag.withDescription(
    "intensity=1,3,10 · period=10s,1m · strategy=OneForAll · boot=retry · " +
      "backoff=constant(1s),linear(1s,10s),exponential(100ms,30s),adaptive(100ms,1m) · breaker=5,10 or none · startGate=20,50 or none · " +
      "for heartbeats: suspect=2,3 · convict=8,12 · grace=500ms,2s · hangAfter=10s,30s"
  ),
  Flag.atLeast(1)
)

export const whatif = Command.make(
  "whatif",
  { ...worldFlags, vary, runs, json },
  Effect.fnUntraced(function* (input) {
    const { compareVariants } = yield* Effect.promise(() => import("../rehearse/whatif.ts"))
    yield* compareVariants(input)
  })
).pipe(Command.withDescription("Rehearse variants of a tree under the same faults, and compare. Several --vary give every combination."))
