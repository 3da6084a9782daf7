/** `supervise doctor`: what an earlier supervisor has left behind, and how to end it. */
import { existsSync } from "node:fs"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { CommandFailed } from "../CommandFailed.ts"
import { EXIT } from "../exitCodes.ts"
import { state } from "../flags/state.ts"
import { print } from "../print/print.ts"

const kill = Flag.Boolean("kill").pipe(
  Flag.withDefault(false),
  Flag.withDescription("End these processes: SIGTERM, and after five seconds SIGKILL.")
)

export const doctor = Command.make(
  "doctor",
  { kill, state },
  Effect.fnUntraced(function* (input) {
    const { directoryOf } = yield* Effect.promise(() => import("../connection.ts"))
    const { endOrphans, listed, orphansOf, sayOrphans } = yield* Effect.promise(() => import("../../runtime/state/orphans.ts"))
    const { realPath } = yield* Effect.promise(() => import("../../runtime/state/files.ts"))
    const { NotRunning } = yield* Effect.promise(() => import("../../http/errors.ts"))
    const { mustBeOurs } = yield* Effect.promise(() => import("../../runtime/state/ownership.ts"))
    // It may have been removed, and its processes still run.
    const found = yield* Effect.result(directoryOf(input.state))
    const directory = realPath(Result.isSuccess(found) ? found.success : found.failure.directory)
    const orphans = orphansOf(directory)
    if (orphans.length === 0 && Result.isFailure(found)) return yield* found.failure
    // Of another user's processes we know nothing.
    if (existsSync(directory))
      yield* Effect.try({
        try: () => mustBeOurs(directory),
        catch: (error) => new NotRunning({ directory, because: (error as Error).message })
      })
    if (orphans.length === 0) return yield* print(`No earlier supervisor with the state directory ${directory} has left a process behind.`)
    if (!input.kill) return yield* new CommandFailed({ sentence: sayOrphans(directory, orphans), code: EXIT.refused })
    const left = yield* endOrphans(directory)
    if (left.length > 0)
      return yield* new CommandFailed({ sentence: `These do not end, or may not be killed: ${listed(left)}.`, code: EXIT.refused })
    yield* print(`Ended: ${listed(orphans)}.`)
  })
).pipe(
  Command.withDescription(
    "Name the processes that an earlier supervisor with this state directory has left behind, and end them with --kill."
  )
)
