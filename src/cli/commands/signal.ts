/** `supervise signal <path> <signal>`: sends a signal to a worker. */
import { constants } from "node:os"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { state } from "../flags/state.ts"
import { print } from "../print/print.ts"

const signalName = Argument.String("signal").pipe(Argument.withDescription("Such as HUP, SIGUSR1, stop or 9."))
const group = Flag.Boolean("group").pipe(Flag.withDefault(false), Flag.withDescription("To its whole process group."))

export const signal = Command.make(
  "signal",
  { path: Argument.String("path"), signal: signalName, group, state },
  Effect.fnUntraced(function* (input) {
    const { send, pathIn, connection } = yield* Effect.promise(() => import("../connection.ts"))
    const running = yield* connection(input.state)
    const path = yield* pathIn(running, input.path)
    const name = nameOf(input.signal)
    yield* send(running, running.client.signal({ payload: { path, signal: name, to: input.group ? "group" : "leader" } }))
    yield* print(`${name} was sent to ${path}.`)
  }, Effect.scoped)
).pipe(Command.withDescription("Send a signal to a worker's process."))

/** A number without a name stays as it is, and is refused by the tree. */
const nameOf = (signal: string): string => {
  if (!/^\d+$/.test(signal)) return `SIG${signal.toUpperCase().replace(/^SIG/, "")}`
  return Object.entries(constants.signals).find(([, number]) => number === Number(signal))?.[0] ?? signal
}
