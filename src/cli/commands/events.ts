/** `supervise events`: what has happened in a running tree, and what happens next. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { state } from "../flags/state.ts"
import { print } from "../print/print.ts"

const follow = Flag.Boolean("follow").pipe(
  Flag.withAlias("f"),
  Flag.withDefault(false),
  Flag.withDescription("Follow: go on with what happens from now on, until the tree has ended.")
)
const output = Flag.Boolean("output").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Also print what the workers print from now on; their past output is not kept.")
)
const json = Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("One JSON object per line."))

export const events = Command.make(
  "events",
  { follow, output, json, state },
  Effect.fnUntraced(function* (input) {
    const { send, connection } = yield* Effect.promise(() => import("../connection.ts"))
    const { explainFailure } = yield* Effect.promise(() => import("../../http/requests.ts"))
    const { jsonOf } = yield* Effect.promise(() => import("../print/json.ts"))
    const { linesFor, paintFor } = yield* Effect.promise(() => import("../print/lines.ts"))
    const { shortNames } = yield* Effect.promise(() => import("../../core/Name.ts"))
    const { flatten } = yield* Effect.promise(() => import("../../core/flatten.ts"))
    const Stream = yield* Effect.promise(() => import("effect/Stream"))
    const running = yield* connection(input.state)
    const { root } = yield* send(running, running.client.snapshot())
    const lineOf = linesFor(paintFor(process.stdout), shortNames(flatten(root).map(({ path }) => path)))
    const stream = yield* send(running, running.client.events({ query: { follow: input.follow, output: input.output } }))
    const show = Stream.runForEachWhile(stream, (event) => {
      const line = input.json ? jsonOf(event) : lineOf(event)
      return line === undefined ? Effect.succeed(true) : print(line)
    })
    // Following also waits for a supervisor that was stopped with Ctrl-Z.
    yield* input.follow ? explainFailure(running, show) : send(running, show)
  }, Effect.scoped)
).pipe(
  Command.withDescription(
    "Print the last 1,000 events of a running tree; with -f, go on with everything that happens from then on. " +
      "Without --json, the start of a worker is one line, with its pid."
  )
)
