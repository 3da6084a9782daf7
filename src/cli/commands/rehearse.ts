/** `supervise rehearse <tree>`: what would become of it, in virtual time. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { worldFlags } from "../rehearse/flags.ts"

const runs = Flag.Int("runs").pipe(
  Flag.withDefault(undefined),
  Flag.withDescription("So many rehearsals, each with another seed, and a summary instead of a story.")
)
const all = Flag.Boolean("all").pipe(Flag.withDefault(false), Flag.withDescription("The whole story, however long it is."))
const json = Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("Lines of JSON: what happened, then the figures."))
const record = Flag.String("record").pipe(
  Flag.withDefault(undefined),
  Flag.withMetavar("FILE"),
  Flag.withDescription("Write down every event and every decision, for --replay.")
)
const replay = Flag.String("replay").pipe(
  Flag.withDefault(undefined),
  Flag.withMetavar("FILE"),
  Flag.withDescription("Decide a recorded life of this tree again, and compare.")
)

export const rehearse = Command.make("rehearse", { ...worldFlags, runs, all, json, record, replay }, (input) =>
  Effect.gen(function* () {
    const { rehearseTree } = yield* Effect.promise(() => import("../rehearse/rehearse.ts"))
    yield* rehearseTree(input)
  })
).pipe(
  Command.withDescription(
    "Run a tree in virtual time, in an invented world: nothing is started. Paths are from the root, such as db or 'jobs/*'."
  )
)
