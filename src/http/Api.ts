/** The control API of a running tree. The server and the typed client are both derived from this. */
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { DECISIONS_KEPT } from "../runtime/read/limits.ts"
import { Why } from "./whyWire.ts"
import { Refused, Snapshot, TreeEvent, Up, WorkerUsage } from "./wire.ts"

/** The greeting. A client that gets anything else has connected to another program. */
const Hello = Schema.Struct({
  supervise: Schema.Literal(1),
  pid: Schema.Int,
  /** The path of the root. */
  root: Schema.String,
  /** The files of the tree that have changed since it was started. Older supervisors do not say. */
  changed: Schema.optionalKey(Schema.Array(Schema.String))
})

const path = { path: Schema.String }
const command = <Name extends string, Payload extends Schema.Struct.Fields, Success extends Schema.Top>(
  name: Name,
  { payload, success }: { readonly payload: Payload; readonly success: Success }
) => HttpApiEndpoint.post(name, `/${name}`, { payload: Schema.Struct(payload), success, error: Refused })

const tree = HttpApiGroup.make("tree", { topLevel: true })
  .add(
    HttpApiEndpoint.get("hello", "/", { success: Hello }),
    /** The whole tree. */
    HttpApiEndpoint.get("snapshot", "/tree", { success: Snapshot }),
    /** What each worker that has a process uses of the machine. */
    HttpApiEndpoint.get("usage", "/usage", { success: Schema.Array(WorkerUsage) }),
    /**
     * The recent events as server-sent events; with `follow` also those to come; with `output` also the output of
     * workers.
     */
    HttpApiEndpoint.get("events", "/events", {
      query: { follow: Schema.optionalKey(Schema.Boolean), output: Schema.optionalKey(Schema.Boolean) },
      success: HttpApiSchema.StreamSse({ data: TreeEvent })
    }),
    /** The state of a node and the last decisions about it, newest first. */
    HttpApiEndpoint.get("why", "/why", {
      query: { ...path, last: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: DECISIONS_KEPT }))) },
      success: Why,
      error: Refused
    }),
    /** Puts a child on hold; answers when it is down. */
    command("stop", { payload: path, success: HttpApiSchema.NoContent }),
    command("start", { payload: path, success: Up }),
    command("restart", { payload: path, success: Up }),
    command("signal", {
      payload: { ...path, signal: Schema.String, to: Schema.optionalKey(Schema.Literals(["leader", "group"])) },
      success: HttpApiSchema.NoContent
    }),
    command("scale", { payload: { ...path, size: Schema.Int }, success: HttpApiSchema.NoContent }),
    /** Stops the whole tree in reverse order. Answers at once; the tree has ended when `events` ends. */
    HttpApiEndpoint.post("shutdown", "/shutdown", { success: HttpApiSchema.Accepted })
  )
  .prefix("/v1")

/** Paths begin with the version of the API. An invalid request is answered with a problem document (RFC 9457). */
export const Api = HttpApi.make("supervise")
  .add(tree)
  .middleware(HttpApiMiddleware.ProblemDetails)
  // A misspelt field must not be mistaken for an omitted one.
  .annotate(HttpApi.PayloadParseOptions, { onExcessProperty: "error", errors: "all" })
  .annotate(HttpApi.QueryParseOptions, { onExcessProperty: "error", errors: "all" })
  .annotateMerge(OpenApi.annotations({ title: "supervise", version: "1" }))
