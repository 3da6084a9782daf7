/** The typed client of a running tree, derived from its API. */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { Api } from "./Api.ts"
import { NothingRunning } from "./NothingRunning.ts"
import { connectable } from "./socket.ts"

/** How long whoever listens may take to say who it is. */
const HELLO_MS = 5000

export interface Connection {
  /** Absolute. */
  readonly directory: string
  /** The path of the root. */
  readonly root: string
  /** Of the supervisor. */
  readonly pid: number
  readonly client: HttpApiClient.ForApi<typeof Api>
}

/** Connects to whatever runs with this state directory, and makes sure that it is a supervisor. */
export const connect = Effect.fnUntraced(function* (state: string): Effect.fn.Return<Connection, NothingRunning, Scope.Scope> {
  const directory = resolve(state)
  const nothing = (because: string) => new NothingRunning({ directory, because })
  if (!existsSync(directory)) return yield* nothing("it is not there")
  const socketPath = yield* Effect.try({ try: () => connectable(directory), catch: () => nothing("there is no control socket in it") })

  const http = yield* Layer.build(NodeHttpClient.layerNodeHttpOptions({ socketPath }))
  const client = yield* Effect.provideContext(HttpApiClient.make(Api, { baseUrl: "http://supervise" }), http)
  const { root, pid } = yield* client.hello().pipe(
    Effect.timeout(HELLO_MS),
    Effect.mapError((error) => nothing(whyNot(error, socketPath)))
  )
  return { directory, root, pid, client }
})

const whyNot = (error: unknown, socket: string): string => {
  if (Cause.isTimeoutError(error)) return `what listens on ${socket} does not answer`
  switch (codeOf(error)) {
    case undefined:
      return `what listens on ${socket} is no supervisor`
    case "ENOENT":
      return "there is no control socket in it"
    case "ECONNREFUSED":
      return "its supervisor has ended without taking its leave"
    case "EACCES":
      return `${socket} belongs to another user`
    default:
      return `${socket} cannot be reached (${codeOf(error)})`
  }
}

/** The system's word for it, however deep it is wrapped. */
const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  const { code } = error as NodeJS.ErrnoException
  return typeof code === "string" && /^E[A-Z]+$/.test(code) ? code : codeOf(error.cause ?? (error as { reason?: unknown }).reason)
}
