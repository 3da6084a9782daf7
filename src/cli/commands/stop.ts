/** `supervise stop [path]`: keep a child down, or stop the whole tree. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Connection } from "../../http/connect.ts"
import { lineOf, paintFor } from "../print/lines.ts"
import { print } from "../print/print.ts"
import { state } from "./state.ts"

/** How long, once the tree is down, its supervisor may take to end. */
const LEAVE_MS = 10_000

const path = Argument.String("path").pipe(
  Argument.withDescription("What to stop. Default: the whole tree."),
  Argument.withDefault(undefined)
)

export const stop = Command.make("stop", { path, state }, (input) =>
  Effect.gen(function* () {
    const { ask, pathIn, reach } = yield* Effect.promise(() => import("../reach.ts"))
    const running = yield* reach(input.state)
    const path = input.path === undefined ? running.root : pathIn(running, input.path)
    if (path === running.root) return yield* stopAll(running, ask)
    yield* ask(running, running.client.stop({ payload: { path } }))
    yield* print(`${path} is down, and is held down until it is started by hand.`)
  }).pipe(Effect.scoped)
).pipe(Command.withDescription("Stop a child and keep it down until it is started, or stop the whole tree. Done when it is down."))

/** Done when the supervisor is gone, too: whoever starts the tree again at once finds its place free. */
const stopAll = Effect.fnUntraced(function* (running: Connection, ask: typeof import("../reach.ts").ask) {
  const { client, directory, root } = running
  const events = yield* ask(running, client.events({ query: { follow: true } }))
  yield* ask(running, client.shutdown())
  const paint = paintFor(process.stdout)
  yield* events.pipe(
    Stream.filter((event) => shown.has(event._tag) && process.stdout.isTTY === true),
    Stream.map((event) => lineOf(event, paint)),
    Stream.runForEach((line) => (line === undefined ? Effect.void : print(line))),
    Effect.catchIf(
      (error) => error._tag !== "NotWritten",
      () => Effect.void
    ) // it ended in the middle of a word
  )
  const { free } = yield* Effect.promise(() => import("../../runtime/StateDirectory.ts"))
  const gone = yield* free(directory, LEAVE_MS)
  yield* print(gone ? `${root} is down.` : `${root} is down; its supervisor (pid ${running.pid}) has not ended yet.`)
})

/** Whom a person waits for. */
const shown: ReadonlySet<string> = new Set(["Stopping", "Stopped", "Blocked"])
