/** Serves the control API of one tree on the socket of its state directory. */
import { chmodSync } from "node:fs"
import { createServer, type Server } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import { MaxBodySize } from "effect/http/HttpIncomingMessage"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Control } from "../runtime/Control.ts"
import { type AlreadyRunning, claim, type StateDirectory, StateUnusable } from "../runtime/StateDirectory.ts"
import type { Signal } from "../spec/Spec.ts"
import { Api } from "./Api.ts"
import { bindable } from "./socket.ts"

/** So many may be connected at a time; the next ones wait. */
const MAX_CONNECTIONS = 128
/** No order is longer. */
const MAX_BODY = ByteSize.mebibytes(1)
/** How long, once the tree is down, we wait for those who read its last events slowly. */
const FAREWELL_MS = 1000

const handlers = HttpApiBuilder.group(Api, "tree", (handlers) =>
  Effect.map(Control, (control) =>
    handlers.handleAll({
      hello: () => Effect.map(control.snapshot, ({ root }) => ({ supervise: 1 as const, pid: process.pid, root: root.path })),
      snapshot: () => control.snapshot,
      events: ({ query: { follow = false, output = false } }) => {
        const events = follow ? control.history : Stream.fromIterableEffect(control.recent)
        return Effect.succeed(output ? events : Stream.filter(events, (event) => event._tag !== "Line"))
      },
      stop: ({ payload: { path } }) => control.stop(path),
      start: ({ payload: { path } }) => control.start(path),
      restart: ({ payload: { path } }) => control.restart(path),
      // What is no signal is refused by `Control`, with its sentence.
      signal: ({ payload: { path, signal, to } }) => control.signal(path, signal as Signal, to),
      scale: ({ payload: { path, size } }) => control.scale(path, size),
      shutdown: () => Effect.asVoid(Effect.forkDetach(control.shutdown))
    })
  )
)

const problems = HttpApiMiddleware.layerProblemDetails({ includeDetails: true })
const routes = HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(Layer.provide([handlers, problems]))

/** Claims the state directory and serves there. */
export const serveIn = (state: string, control: Control["Service"]): Effect.Effect<void, AlreadyRunning | StateUnusable, Scope.Scope> =>
  Effect.flatMap(claim(state), (directory) => serve(control, directory))

/** Listens when done; until its scope closes. Only the owner of the process may connect. */
const serve = Effect.fnUntraced(function* (
  control: Control["Service"],
  directory: StateDirectory
): Effect.fn.Return<void, StateUnusable, Scope.Scope> {
  const path = yield* bindable(directory)
  const server = createServer()
  server.maxConnections = MAX_CONNECTIONS
  server.once("listening", () => chmodSync(path, 0o600))
  server.on("error", () => {}) // one connection that cannot be accepted must not end the supervisor
  const listening = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provide([
      NodeHttpServer.layer(() => server, { path }),
      Layer.succeed(Control, control),
      Layer.succeed(MaxBodySize, MAX_BODY),
      problems
    ])
  )
  yield* Effect.mapError(Layer.build(listening), ({ cause }) => new StateUnusable({ directory: directory.path, because: String(cause) }))
  yield* Effect.addFinalizer(() => close(server))
})

/** Who still listens hears the end; who does not read is left behind. */
const close = (server: Server): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const timer = setTimeout(() => server.closeAllConnections(), FAREWELL_MS)
    server.close(() => {
      clearTimeout(timer)
      resume(Effect.void)
    })
  })
