/** `supervise start <path>`: starts a child that is down or waiting. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { state } from "../flags/state.ts"
import { print } from "../print/print.ts"

export const start = Command.make(
  "start",
  { path: Argument.String("path"), state },
  Effect.fnUntraced(function* (input) {
    const { send, pathIn, connection } = yield* Effect.promise(() => import("../connection.ts"))
    const running = yield* connection(input.state)
    const path = yield* pathIn(running, input.path)
    // If it is already up, the command has what it wants.
    const up = yield* send(
      running,
      Effect.catchIf(
        running.client.start({ payload: { path } }),
        (error) => error._tag === "Refused" && error.why._tag === "AlreadyStarted",
        (error) => Effect.succeed(error.message)
      )
    )
    yield* print(typeof up === "string" ? up : sayUp(up))
  }, Effect.scoped)
).pipe(Command.withDescription("Start a child that is on hold, failed, or waiting for its backoff. Returns when it is ready."))

/** A child that declined to start has no incarnation. */
export const sayUp = ({ path, incarnation }: { readonly path: string; readonly incarnation: number | undefined }): string =>
  incarnation === undefined ? `${path} has nothing to run.` : `${path} is up as incarnation ${incarnation}.`
