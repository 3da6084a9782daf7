/** The typed client of a running tree, derived from its API. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { absolute, realFolder, reason } from "../runtime/state/files.ts"
import { isLocked } from "../runtime/state/lock.ts"
import { mustBeOurs } from "../runtime/state/ownership.ts"
import { pidIn } from "../runtime/state/StateDirectory.ts"
import { Api } from "./Api.ts"
import { NotRunning, Unresponsive } from "./errors.ts"
import { connectable, NO_SOCKET } from "./socket.ts"

/**
 * How long to wait for a greeting. It is requested twice, because after Ctrl-Z our own time runs out before an answer
 * that has already arrived can be read.
 */
const HELLO_MS = 2500
const TRIES = 2
/** How long a dying supervisor may take to release its lock after it stopped answering. */
const DYING_MS = 1000

export interface Connection {
  /** Absolute, without symbolic links. */
  readonly directory: string
  /** The path of the root. */
  readonly root: string
  /** The pid of the supervisor. */
  readonly pid: number
  /** The files of the tree that have changed since it was started. */
  readonly changed: ReadonlyArray<string>
  readonly client: HttpApiClient.ForApi<typeof Api>
  /** Checks that the supervisor still runs and answers. */
  readonly hello: Effect.Effect<Greeting, NotRunning | Unresponsive>
}

interface Greeting {
  readonly root: string
  readonly pid: number
  readonly changed?: ReadonlyArray<string>
}

/** Connects to the socket of this state directory, and makes sure that a supervisor answers. */
export const connect = Effect.fnUntraced(function* (state: string): Effect.fn.Return<Connection, NotRunning | Unresponsive, Scope.Scope> {
  const at = { directory: state }
  const nothing = (error: unknown) => new NotRunning({ ...at, because: reason(error) })
  const named = yield* Effect.try({ try: () => absolute(state), catch: nothing })
  at.directory = named
  // Nothing is read there, and nothing sent, before it is known to be ours.
  const directory = yield* Effect.try({ try: () => ourFolder(named), catch: nothing })
  const socketPath = yield* Effect.catch(
    Effect.try({ try: () => connectable([directory, named]), catch: (error) => ({ gone: reason(error), running: reason(error) }) }),
    (why) => absent(directory, why)
  )

  const http = yield* Layer.build(NodeHttpClient.layerNodeHttpOptions({ socketPath }))
  const client = yield* Effect.provideContext(HttpApiClient.make(Api, { baseUrl: "http://supervise" }), http)
  const hello = client.hello().pipe(
    Effect.timeout(HELLO_MS),
    Effect.retry({ times: TRIES - 1, while: Cause.isTimeoutError }),
    Effect.catch((error) => absent(directory, whyNot(error, socketPath)))
  )
  const { root, pid, changed = [] } = yield* hello
  return { directory, root, pid, changed, client, hello }
})

const ourFolder = (named: string): string => {
  const folder = realFolder(named)
  mustBeOurs(folder)
  return folder
}

/** Why there was no answer: one sentence if the supervisor is gone, one if it runs. */
interface Why {
  readonly gone: string
  readonly running: string
}

/** A supervisor runs as long as its lock is held, whatever else it does. */
export const absent = (directory: string, { gone, running }: Why): Effect.Effect<never, NotRunning | Unresponsive> =>
  Effect.flatMap(isLocked(directory, DYING_MS), (isRunning) =>
    Effect.fail(
      isRunning ? new Unresponsive({ directory, pid: pidIn(directory), because: running }) : new NotRunning({ directory, because: gone })
    )
  )

const whyNot = (error: unknown, socket: string): Why => {
  const either = (why: string): Why => ({ gone: why, running: why })
  if (Cause.isTimeoutError(error)) {
    const seconds = (TRIES * HELLO_MS) / 1000
    return {
      gone: `what listens on ${socket} does not answer`,
      running: `it has not answered for ${seconds} seconds, and may be stopped`
    }
  }
  const code = codeOf(error)
  switch (code) {
    case undefined:
      if (statusOf(error) === 503) return either("it accepts no more connections; close one of them")
      return either(`what listens on ${socket} is not a supervisor`)
    case "ENOENT":
      return { gone: NO_SOCKET, running: `${NO_SOCKET}; it is about to end, or the socket was deleted` }
    case "ECONNREFUSED":
      return { gone: "its supervisor has crashed", running: `it does not listen on ${socket}` }
    case "EACCES":
      return either(`this user may not reach ${socket}: see who owns it and the folders above it, and their modes`)
    default:
      return either(`${socket} cannot be reached (${code})`)
  }
}

/** The code of the system's error, however deeply it is wrapped. */
const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  const { code } = error as NodeJS.ErrnoException
  return typeof code === "string" && /^E[A-Z]+$/.test(code) ? code : codeOf(error.cause ?? (error as { reason?: unknown }).reason)
}

/** The HTTP status with which a request was refused, if any. */
export const statusOf = (error: unknown): number | undefined =>
  HttpClientError.isHttpClientError(error) ? error.response?.status : undefined
