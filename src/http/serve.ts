/**
 * Listens on the socket of a state directory. The HTTP server is loaded on the first connection: without one, the
 * supervisor and its children start faster and use less memory.
 */
import { chmodSync, lstatSync, renameSync, rmSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { isMainThread } from "node:worker_threads"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { Control } from "../runtime/read/Control.ts"
import { reason } from "../runtime/state/files.ts"
import { type AlreadyRunning, claim, type StateDirectory, StateUnusable } from "../runtime/state/StateDirectory.ts"
import { MAX_CONNECTIONS, MAX_REFUSED, makeConnectionLimiter } from "./ConnectionLimiter.ts"
import { bindable, temporarySocketPath } from "./socket.ts"

/** Claims the state directory and listens in it until the scope closes. Only the owner of the process may connect. */
export const serveIn = Effect.fnUntraced(function* (
  state: string,
  control: Control["Service"]
): Effect.fn.Return<StateDirectory, AlreadyRunning | StateUnusable, Scope.Scope> {
  const directory = yield* claim(state)
  yield* Effect.onError(listenIn(directory, control), () => directory.giveBack)
  return directory
})

const listenIn = Effect.fnUntraced(function* (
  directory: StateDirectory,
  control: Control["Service"]
): Effect.fn.Return<void, StateUnusable, Scope.Scope> {
  const path = yield* bindable(directory)
  const scope = yield* Scope.fork(yield* Effect.scope)
  const { accept, drain } = makeConnectionLimiter(() => load(control, scope))
  const server = createServer({ pauseOnConnect: true }, accept)
  server.maxConnections = MAX_CONNECTIONS + MAX_REFUSED
  const remove = yield* Effect.mapError(
    listen(server, path),
    (error) => new StateUnusable({ directory: directory.path, because: reason(error) })
  )
  yield* Effect.addFinalizer(() => {
    remove()
    server.close()
    return drain
  })
})

const load = async (control: Control["Service"], scope: Scope.Scope) => {
  const { makeServer } = await import("./handlers.ts")
  return Effect.runPromise(Scope.provide(makeServer(control), scope))
}

/**
 * Returns how to remove the socket, unless another has replaced it. On close, Node removes whatever is at the path
 * where it created a socket, even if that is now another's. So the socket is created at a temporary path and moved, and
 * other users have no access to it at any time.
 */
const listen = (server: Server, path: string): Effect.Effect<() => void, Error> =>
  Effect.callback<() => void, Error>((resume) => {
    const fail = (error: unknown): void => {
      server.close()
      resume(Effect.fail(error instanceof Error ? error : new Error(String(error))))
    }
    const temporary = temporarySocketPath(path)
    rmSync(temporary, { force: true })
    server.once("error", fail)
    const umask = isMainThread ? process.umask(0o177) : undefined // per process: a worker thread may not change it
    try {
      server.listen(temporary, () => {
        server.off("error", fail)
        server.on("error", () => {}) // a connection that cannot be accepted must not end the supervisor
        try {
          chmodSync(temporary, 0o600)
          const { ino } = lstatSync(temporary)
          renameSync(temporary, path)
          resume(Effect.succeed(() => lstatSync(path, { throwIfNoEntry: false })?.ino === ino && rmSync(path)))
        } catch (error) {
          fail(error)
        }
      })
    } finally {
      if (umask !== undefined) process.umask(umask)
    }
  })
