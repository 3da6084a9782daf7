/** `supervise restart <path>`: stop a child and start it again, and whoever falls with it. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { state } from "../flags/state.ts"
import { print } from "../print/print.ts"
import { sayUp } from "./start.ts"

export const restart = Command.make("restart", { path: Argument.String("path"), state }, (input) =>
  Effect.gen(function* () {
    const { send, pathIn, connection } = yield* Effect.promise(() => import("../connection.ts"))
    const running = yield* connection(input.state)
    const path = pathIn(running, input.path)
    yield* print(sayUp(yield* send(running, running.client.restart({ payload: { path } }))))
  }).pipe(Effect.scoped)
).pipe(Command.withDescription("Restart a child now, and whoever falls with it. Not counted. Done when it is ready."))
