/** `supervise logs [path…]`: what workers have printed, from their log files, whether or not the tree runs. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { state } from "../flags/state.ts"
import { print } from "../print/print.ts"

const paths = Argument.String("path").pipe(
  Argument.withDescription("Only this worker, or all below this supervisor. Default: all."),
  Argument.variadic()
)
const follow = Flag.Boolean("follow").pipe(
  Flag.withAlias("f"),
  Flag.withDefault(false),
  Flag.withDescription("Follow: go on with what is written from now on, until Ctrl-C.")
)
const lines = Flag.String("lines").pipe(
  Flag.withAlias("n"),
  Flag.withDefault(undefined),
  Flag.withMetavar("N"),
  Flag.withDescription("Only the last N lines, or all. Default 100; all with --since or --incarnation.")
)
const since = Flag.String("since").pipe(
  Flag.withDefault(undefined),
  Flag.withMetavar("TIME"),
  Flag.withDescription("Only what was printed since: a duration ago (10m), or a time (14:03, 2026-11-27T14:03:00Z).")
)
const stream = Flag.Literals("stream", ["stdout", "stderr"]).pipe(Flag.withDefault(undefined), Flag.withDescription("Only this stream."))
const incarnation = Flag.Int("incarnation").pipe(
  Flag.withDefault(undefined),
  Flag.withMetavar("N"),
  Flag.withDescription("Only this incarnation.")
)
const json = Flag.Boolean("json").pipe(
  Flag.withDefault(false),
  Flag.withDescription("One JSON object per line: path, incarnation, stream, time and line.")
)

export const logs = Command.make(
  "logs",
  { paths, follow, lines, since, stream, incarnation, json, state },
  Effect.fnUntraced(function* (input) {
    const { logsToRead } = yield* Effect.promise(() => import("../logs/logsToRead.ts"))
    const { logJson, logLinesFor } = yield* Effect.promise(() => import("../print/logLines.ts"))
    const { paintFor } = yield* Effect.promise(() => import("../print/lines.ts"))
    const { shortNames } = yield* Effect.promise(() => import("../../core/Name.ts"))
    const { read } = yield* Effect.promise(() => import("../../leaf/log/reading.ts"))
    const { NotReadable } = yield* Effect.promise(() => import("../logs/NotReadable.ts"))
    const Stream = yield* Effect.promise(() => import("effect/Stream"))
    const { reading, known } = yield* logsToRead(input)
    const lineOf = input.json ? logJson : logLinesFor(paintFor(process.stdout), shortNames(known))
    const batches = Stream.fromAsyncIterable(read(reading), (error) => new NotReadable({ because: (error as Error).message }))
    yield* Stream.runForEachWhile(batches, (batch) => (batch.length === 0 ? Effect.succeed(true) : print(batch.map(lineOf).join("\n"))))
  })
).pipe(
  Command.withDescription(
    "Print what workers have printed, from their log files: also of those that have ended, and when the tree is down."
  )
)
