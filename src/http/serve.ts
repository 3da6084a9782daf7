/**
 * Listens on the socket of a state directory. What answers there, HTTP included, is loaded when somebody asks for the first time: a
 * supervisor at which nobody looks starts earlier and stays smaller, and so its children start faster.
 */
import { chmodSync, lstatSync, renameSync, rmSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { isMainThread } from "node:worker_threads"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { Control } from "../runtime/read/Control.ts"
import { reason } from "../runtime/state/files.ts"
import { type AlreadyRunning, claim, type StateDirectory, StateUnusable } from "../runtime/state/StateDirectory.ts"
import { MAX_CONNECTIONS, MAX_TURNED_AWAY, makeConnectionLimiter } from "./ConnectionLimiter.ts"
import { bindable, temporarySocketPath } from "./socket.ts"

/** Claims the state directory and listens in it, until the scope closes. Only the owner of the process may connect. */
export const serveIn = Effect.fnUntraced(function* (
  state: string,
  control: Control["Service"]
): Effect.fn.Return<StateDirectory, AlreadyRunning | StateUnusable, Scope.Scope> {
  const directory = yield* claim(state)
  yield* Effect.onError(listenIn(directory, control), () => Effect.sync(directory.giveBack))
  return directory
})

const listenIn = Effect.fnUntraced(function* (
  directory: StateDirectory,
  control: Control["Service"]
): Effect.fn.Return<void, StateUnusable, Scope.Scope> {
  const path = yield* bindable(directory)
  const scope = yield* Scope.fork(yield* Effect.scope)
  const { accept, farewell } = makeConnectionLimiter(() => load(control, scope))
  const server = createServer({ pauseOnConnect: true }, accept)
  server.maxConnections = MAX_CONNECTIONS + MAX_TURNED_AWAY
  const remove = yield* Effect.mapError(
    listen(server, path),
    (error) => new StateUnusable({ directory: directory.path, because: reason(error) })
  )
  yield* Effect.addFinalizer(() => {
    remove()
    server.close()
    return farewell
  })
})

const load = async (control: Control["Service"], scope: Scope.Scope) => {
  const { makeServer } = await import("./handlers.ts")
  return Effect.runPromise(Scope.provide(makeServer(control), scope))
}

/**
 * Answers how to take the socket away, unless another stands in its place. Node takes away what is at the path where it has made a socket
 * when that is closed, whosever it is by then: so it is made elsewhere and moved, and is nobody else's from its first moment.
 */
const listen = (server: Server, path: string): Effect.Effect<() => void, Error> =>
  Effect.callback<() => void, Error>((resume) => {
    const fail = (error: unknown): void => {
      server.close()
      resume(Effect.fail(error instanceof Error ? error : new Error(String(error))))
    }
    const born = temporarySocketPath(path)
    rmSync(born, { force: true })
    server.once("error", fail)
    const umask = isMainThread ? process.umask(0o177) : undefined // of the whole process: a thread may not change it
    try {
      server.listen(born, () => {
        server.off("error", fail)
        server.on("error", () => {}) // one connection that cannot be accepted must not end the supervisor
        try {
          chmodSync(born, 0o600)
          const { ino } = lstatSync(born)
          renameSync(born, path)
          resume(Effect.succeed(() => lstatSync(path, { throwIfNoEntry: false })?.ino === ino && rmSync(path)))
        } catch (error) {
          fail(error)
        }
      })
    } finally {
      if (umask !== undefined) process.umask(umask)
    }
  })
