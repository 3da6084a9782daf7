/** `supervise why <path>`: explains the state of a node. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { CommandFailed } from "../CommandFailed.ts"
import { EXIT } from "../exitCodes.ts"
import { state } from "../flags/state.ts"
import { print } from "../print/print.ts"

const path = Argument.String("path").pipe(Argument.withDescription("A worker, or a supervisor with everything below it."))
const json = Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("One JSON object per line, for each decision."))
const last = Flag.Int("last").pipe(
  Flag.withDefault(undefined),
  Flag.withMetavar("N"),
  Flag.withDescription("How many decisions. Default: the last of a worker; the last five of a supervisor and everything below it.")
)

export const why = Command.make(
  "why",
  { path, json, last, state },
  Effect.fnUntraced(function* (input) {
    const { send, pathIn, connection } = yield* Effect.promise(() => import("../connection.ts"))
    const { paintFor } = yield* Effect.promise(() => import("../print/lines.ts"))
    const { sayWhy } = yield* Effect.promise(() => import("../print/why.ts"))
    const { whyJson } = yield* Effect.promise(() => import("../print/whyJson.ts"))
    const { DECISIONS_KEPT } = yield* Effect.promise(() => import("../../runtime/read/limits.ts"))
    if (input.last !== undefined && !(input.last >= 1 && input.last <= DECISIONS_KEPT))
      return yield* new CommandFailed({ sentence: `--last ${input.last} should be between 1 and ${DECISIONS_KEPT}.`, code: EXIT.usage })
    const running = yield* connection(input.state)
    const query = { path: yield* pathIn(running, input.path), ...(input.last === undefined ? {} : { last: input.last }) }
    const answer = yield* send(running, running.client.why({ query }))
    yield* print(input.json ? whyJson(answer).join("\n") : sayWhy(answer, paintFor(process.stdout)))
  }, Effect.scoped)
).pipe(
  Command.withDescription(
    "Explain the state of a node and the last decisions about it: what was seen, which rules of the tree applied and on which line " +
      "they stand, what counted, what was done, and what comes next. The last 1,000 decisions of a tree are kept."
  )
)
