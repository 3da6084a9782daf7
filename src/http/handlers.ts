/** What the control API does: each request is a question to, or an order for, the tree's `Control`. */
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
import type { Signal } from "../spec/Spec.ts"
import { Api } from "./Api.ts"

/** No order is longer. */
const MAX_BODY = ByteSize.mebibytes(1)

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

/** An HTTP server that listens nowhere: connections are handed to it. It answers as long as the scope is open. */
export const makeServer = (control: Control["Service"]): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.gen(function* () {
    const services = yield* Layer.build(
      Layer.mergeAll(NodeHttpServer.layerHttpServices, Layer.succeed(Control, control), Layer.succeed(MaxBodySize, MAX_BODY), problems)
    )
    const scope = yield* Effect.scope
    return yield* HttpRouter.toHttpEffect(routes).pipe(
      Effect.flatMap((app) => NodeHttpServer.makeHandler(app, { scope })),
      Effect.map((handler) => createServer(handler)),
      Effect.provideContext(services)
    )
  })
