/**
 * Listens on the socket of a state directory. What answers there, HTTP included, is loaded when somebody asks for the first time: a
 * supervisor at which nobody looks starts earlier and stays smaller, and so its children start faster.
 */
import { chmodSync } from "node:fs"
import { createServer, type Server } from "node:net"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { Control } from "../runtime/Control.ts"
import { type AlreadyRunning, claim, StateUnusable } from "../runtime/StateDirectory.ts"
import { makeReception } from "./Reception.ts"
import { bindable } from "./socket.ts"

/** So many may be connected at a time; the next ones are turned away. */
const MAX_CONNECTIONS = 128

/** Claims the state directory and listens in it, until the scope closes. Only the owner of the process may connect. */
export const serveIn = Effect.fnUntraced(function* (
  state: string,
  control: Control["Service"]
): Effect.fn.Return<void, AlreadyRunning | StateUnusable, Scope.Scope> {
  const directory = yield* claim(state)
  const path = yield* bindable(directory)
  const scope = yield* Scope.fork(yield* Effect.scope)
  const { accept, farewell } = makeReception(() => load(control, scope))
  const server = createServer({ pauseOnConnect: true }, accept)
  server.maxConnections = MAX_CONNECTIONS
  server.once("listening", () => chmodSync(path, 0o600))
  yield* Effect.mapError(listen(server, path), ({ message }) => new StateUnusable({ directory: directory.path, because: message }))
  yield* Effect.addFinalizer(() => {
    server.close()
    return farewell
  })
})

const load = async (control: Control["Service"], scope: Scope.Scope) => {
  const { makeServer } = await import("./handlers.ts")
  return Effect.runPromise(Scope.provide(makeServer(control), scope))
}

const listen = (server: Server, path: string): Effect.Effect<void, Error> =>
  Effect.callback<void, Error>((resume) => {
    const fail = (error: Error): void => resume(Effect.fail(error))
    server.once("error", fail)
    server.listen(path, () => {
      server.off("error", fail)
      server.on("error", () => {}) // one connection that cannot be accepted must not end the supervisor
      resume(Effect.void)
    })
  })
