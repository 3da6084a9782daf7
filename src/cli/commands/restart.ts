/** `supervise restart <path>`: stops a child and starts it again, with those its strategy restarts with it. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { state } from "../flags/state.ts"
import { print } from "../print/print.ts"
import { sayUp } from "./start.ts"

export const restart = Command.make(
  "restart",
  { path: Argument.String("path"), state },
  Effect.fnUntraced(function* (input) {
    const { send, pathIn, connection } = yield* Effect.promise(() => import("../connection.ts"))
    const running = yield* connection(input.state)
    const path = yield* pathIn(running, input.path)
    const { mentionChanges } = yield* Effect.promise(() => import("../print/changes.ts"))
    mentionChanges(running)
    yield* print(sayUp(yield* send(running, running.client.restart({ payload: { path } }))))
  }, Effect.scoped)
).pipe(Command.withDescription("Restart a child now, with those its strategy restarts with it. Not counted. Returns when it is ready."))
