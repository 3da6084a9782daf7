/** `supervise rehearse <tree>`: simulates a tree in virtual time. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { showSecrets } from "../flags/showSecrets.ts"
import { worldFlags } from "../rehearse/flags.ts"

const runs = Flag.Int("runs").pipe(
  Flag.withDefault(undefined),
  Flag.withDescription("Run this many rehearsals, each with another seed, and print a summary instead of a story.")
)
const all = Flag.Boolean("all").pipe(Flag.withDefault(false), Flag.withDescription("Print the whole story, however long it is."))
const json = Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("Lines of JSON: what happened, then the figures."))
const record = Flag.String("record").pipe(
  Flag.withDefault(undefined),
  Flag.withMetavar("FILE"),
  Flag.withDescription("Write every event and every decision to a file, for --replay.")
)
const replay = Flag.String("replay").pipe(
  Flag.withDefault(undefined),
  Flag.withMetavar("FILE"),
  Flag.withDescription("Run a recording of this tree again, and compare the decisions.")
)

export const rehearse = Command.make(
  "rehearse",
  { ...worldFlags, runs, all, json, record, replay, showSecrets },
  Effect.fnUntraced(function* (input) {
    const { rehearseTree } = yield* Effect.promise(() => import("../rehearse/rehearse.ts"))
    yield* rehearseTree(input)
  })
).pipe(Command.withDescription("Simulate a tree in virtual time: nothing is started. PATH is any end of a path, such as db or 'jobs/*'."))
