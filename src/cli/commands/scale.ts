/** `supervise scale <pool> <n>`: sets the number of instances of a pool. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { state } from "../flags/state.ts"
import { print } from "../print/print.ts"

const size = Argument.Int("n").pipe(Argument.withDescription("How many instances: 0 or more."))

export const scale = Command.make(
  "scale",
  { pool: Argument.String("pool"), size, state },
  Effect.fnUntraced(function* (input) {
    const { send, pathIn, connection } = yield* Effect.promise(() => import("../connection.ts"))
    const running = yield* connection(input.state)
    const path = yield* pathIn(running, input.pool)
    yield* send(running, running.client.scale({ payload: { path, size: input.size } }))
    yield* print(`${path} is scaled to ${input.size} ${input.size === 1 ? "instance" : "instances"}.`)
  }, Effect.scoped)
).pipe(Command.withDescription("Set the number of instances of a pool. The newest are removed first."))
