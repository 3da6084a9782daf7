/** Implements the control API: each request calls the tree's `Control`. */
import { createServer, type Server } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as ByteSize from "effect/ByteSize"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { MaxBodySize } from "effect/http/HttpIncomingMessage"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerError from "effect/http/HttpServerError"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Control, type SignalName } from "../runtime/read/Control.ts"
import { Api } from "./Api.ts"
import { MAX_BODY_MIB } from "./errors.ts"

/** How long a client may take to send its request. */
const REQUEST_MS = 5000

const handlers = HttpApiBuilder.group(Api, "tree", (handlers) =>
  Effect.map(Control, (control) =>
    handlers.handleAll({
      hello: () =>
        Effect.zipWith(control.snapshot, control.changedFiles, ({ root }, changed) => ({
          ...{ supervise: 1 as const, pid: process.pid, root: root.path, changed }
        })),
      snapshot: () => control.snapshot,
      usage: () => control.usage,
      events: ({ query: { follow = false, output = false } }) => {
        if (!follow) return Effect.succeed(Stream.fromIterableEffect(control.recent))
        return Effect.succeed(output ? control.history : control.historyWithoutOutput)
      },
      why: ({ query: { path, last } }) => control.why(path, last),
      stop: ({ payload: { path } }) => control.stop(path),
      start: ({ payload: { path } }) => control.start(path),
      restart: ({ payload: { path } }) => control.restart(path),
      // `Control` refuses an invalid signal with its own sentence.
      signal: ({ payload: { path, signal, to } }) => control.signal(path, signal as SignalName, to),
      scale: ({ payload: { path, size } }) => control.scale(path, size),
      shutdown: () => Effect.asVoid(Effect.forkDetach(control.shutdown))
    })
  )
)

const problems = HttpApiMiddleware.layerProblemDetails({ includeDetails: true })
const routes = HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(Layer.provide([handlers, problems]))

/** An HTTP server that does not listen: connections are passed to it. It answers as long as the scope is open. */
export const makeServer = (control: Control["Service"]): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.gen(function* () {
    const services = yield* Layer.build(
      Layer.mergeAll(
        NodeHttpServer.layerHttpServices,
        Layer.succeed(Control, control),
        Layer.succeed(MaxBodySize, ByteSize.mebibytes(MAX_BODY_MIB)),
        problems
      )
    )
    const scope = yield* Effect.scope
    const limits = { headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, connectionsCheckingInterval: REQUEST_MS / 5 }
    return yield* HttpRouter.toHttpEffect(routes).pipe(
      Effect.flatMap((app) => NodeHttpServer.makeHandler(withProblemDocuments(app), { scope })),
      Effect.flatMap((handler) =>
        Effect.acquireRelease(
          Effect.sync(() => createServer(limits, handler)),
          (server) => Effect.sync(() => server.close())
        )
      ),
      Effect.provideContext(services)
    )
  })

/** Requests that are refused before they reach the API get a problem document (RFC 9457), as the API sends. */
const withProblemDocuments = <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
  app.pipe(
    Effect.catchCauseIf(
      (cause) => !Cause.hasInterrupts(cause),
      (cause) => Effect.map(HttpServerError.causeResponse(cause), ([response]) => response)
    ),
    Effect.flatMap((response) =>
      Effect.map(HttpServerRequest, ({ method, url }) => {
        const { status, body, headers } = response
        if (status < 400 || ("contentType" in body && body.contentType?.includes("json"))) return response
        const problem = { type: "about:blank", status, detail: sayStatus(status, `${method} ${url}`) }
        return HttpServerResponse.jsonUnsafe(problem, { status, headers, contentType: "application/problem+json" })
      })
    )
  )

const sayStatus = (status: number, request: string): string => {
  switch (status) {
    case 404:
      return `There is no ${request}. GET /openapi.json lists what there is.`
    case 413:
      return `A request has at most ${MAX_BODY_MIB} MiB.`
    case 415:
      return "Requests are JSON: their content-type is application/json."
    default:
      return `${request} failed.`
  }
}
