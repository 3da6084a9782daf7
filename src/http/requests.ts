/**
 * Requests to a tree in another process. None waits forever: neither for a supervisor that is gone nor for one that
 * does not answer.
 */
import * as Effect from "effect/Effect"
import type * as Sse from "effect/encoding/Sse"
import * as HttpClientError from "effect/http/HttpClientError"
import { BadRequestProblem, type InternalServerErrorProblem } from "effect/http-api/HttpApiError"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { TreeEvent } from "../runtime/read/TreeEvent.ts"
import { absent, type Connection, statusOf } from "./connect.ts"
import type { NotRunning, Unresponsive } from "./errors.ts"
import { InvalidRequest, MAX_BODY_MIB } from "./errors.ts"

/** While a request is pending, the supervisor is asked this often whether it is still there. */
const HELLO_EVERY_MS = 1000

/** Failures of the HTTP client, which are replaced by failures that are about the tree. */
type ClientError =
  | HttpClientError.HttpClientError
  | Schema.SchemaError
  | Sse.Retry
  | Sse.SseError
  | BadRequestProblem
  | InternalServerErrorProblem
export type Unanswered = NotRunning | Unresponsive | InvalidRequest

/** Sends the request and waits for its answer for as long as the supervisor answers hello. */
export const request = <A, E>(connection: Connection, call: Effect.Effect<A, E>): Effect.Effect<A, Exclude<E, ClientError> | Unanswered> =>
  Effect.raceFirst(explainFailure(connection, call), watch(connection))

/** The same without asking for hello, for followers, which also wait for a supervisor that is stopped. */
export const explainFailure = <A, E>(
  connection: Connection,
  call: Effect.Effect<A, E>
): Effect.Effect<A, Exclude<E, ClientError> | Unanswered> => Effect.catch(call, (error) => explain(connection, error))

/** The recent events, and then everything that happens until the tree has ended. */
export const follow = (connection: Connection, output: boolean): Stream.Stream<TreeEvent, Unanswered> =>
  Stream.catch(Stream.unwrap(connection.client.events({ query: { follow: true, output } })), (error) =>
    Stream.fromEffect(explain(connection, error))
  )

/** Stops the whole tree. Succeeds only once the tree reports its end: the supervisor may also die while stopping it. */
export const shutdown = <E = never>(
  connection: Connection,
  see: (event: TreeEvent) => Effect.Effect<unknown, E> = () => Effect.void
): Effect.Effect<void, E | Unanswered> =>
  Effect.gen(function* () {
    const { client, directory } = connection
    let ended = false
    const events = yield* explainFailure(connection, client.events({ query: { follow: true } }))
    yield* explainFailure(connection, client.shutdown())
    const untilEnd = Stream.takeUntil(
      Stream.catch(events, () => Stream.empty),
      ({ _tag }) => _tag === "Ended"
    )
    const reading = Stream.runForEach(untilEnd, (event) => {
      ended = event._tag === "Ended"
      return see(event)
    })
    yield* Effect.raceFirst(reading, watch(connection))
    const gone = "its supervisor ended before the tree was down; its processes may still run"
    if (!ended) return yield* absent(directory, { gone, running: "the connection broke before the tree was down" })
  })

const watch = ({ hello }: Connection): Effect.Effect<never, NotRunning | Unresponsive> =>
  Effect.forever(Effect.andThen(Effect.sleep(HELLO_EVERY_MS), hello))

const explain = <E>({ directory }: Connection, error: E): Effect.Effect<never, Exclude<E, ClientError> | Unanswered> => {
  if (error instanceof BadRequestProblem) {
    const problems = error.errors?.map(({ path, message }) => `${path.join(".")}: ${message}`)
    return Effect.fail(new InvalidRequest({ because: problems?.join("; ") ?? error.message }))
  }
  if (Schema.isSchemaError(error)) return Effect.fail(new InvalidRequest({ because: error.message.replace(/\s*\n\s*/g, " ") }))
  if (statusOf(error) === 413) return Effect.fail(new InvalidRequest({ because: `a request has at most ${MAX_BODY_MIB} MiB` }))
  if (!isClientError(error)) return Effect.fail(error as Exclude<E, ClientError>)
  return absent(directory, {
    gone: "its supervisor has ended",
    running: "the connection broke"
  })
}

const isClientError = (error: unknown): boolean =>
  HttpClientError.isHttpClientError(error) ||
  ["Retry", "SseError", "InternalServerErrorProblem"].includes(String((error as { _tag?: unknown } | undefined)?._tag))
