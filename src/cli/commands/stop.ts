/** `supervise stop [path]`: puts a child on hold, or stops the whole tree. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type { Connection } from "../../http/connect.ts"
import { state } from "../flags/state.ts"
import { print } from "../print/print.ts"

/** Once the tree is down: how long to wait for its supervisor to end. */
const LEAVE_MS = 10_000

const path = Argument.String("path").pipe(
  Argument.withDescription("What to stop. Default: the whole tree."),
  Argument.withDefault(undefined)
)

export const stop = Command.make(
  "stop",
  { path, state },
  Effect.fnUntraced(function* (input) {
    const { send, pathIn, connection } = yield* Effect.promise(() => import("../connection.ts"))
    const running = yield* connection(input.state)
    const path = input.path === undefined ? running.root : yield* pathIn(running, input.path)
    if (path === running.root) return yield* stopAll(running)
    yield* send(running, running.client.stop({ payload: { path } }))
    yield* print(`${path} is down, and is on hold until it is started by hand.`)
  }, Effect.scoped)
).pipe(
  Command.withDescription("Stop a child and put it on hold until it is started by hand; or stop the whole tree. Returns when it is down.")
)

/** Waits for the supervisor to end as well, so that the tree can be started again at once. */
const stopAll = Effect.fnUntraced(function* (running: Connection) {
  const { directory, root } = running
  const { linesFor, paintFor } = yield* Effect.promise(() => import("../print/lines.ts"))
  const { shutdown } = yield* Effect.promise(() => import("../../http/requests.ts"))
  const lineOf = linesFor(paintFor(process.stdout))
  yield* shutdown(running, (event) => {
    const line = shown.has(event._tag) && process.stdout.isTTY === true ? lineOf(event) : undefined
    return line === undefined ? Effect.void : print(line)
  })
  const { isLocked } = yield* Effect.promise(() => import("../../runtime/state/lock.ts"))
  const isRunning = yield* isLocked(directory, LEAVE_MS)
  yield* print(isRunning ? `${root} is down; its supervisor (pid ${running.pid}) has not ended yet.` : `${root} is down.`)
  const { mentionOrphans } = yield* Effect.promise(() => import("../print/orphans.ts"))
  yield* mentionOrphans(directory)
})

/** What a waiting operator is shown. */
const shown: ReadonlySet<string> = new Set(["Stopping", "Stopped", "Blocked"])
