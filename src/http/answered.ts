/** Orders to a tree in another process, of which none waits for ever: not for a supervisor that is gone, nor for one that does not answer. */
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

/** So long after its order, and then again and again, whoever waits asks the supervisor whether it is still there. */
const LOOK_MS = 1000

/** What the client says, which is about HTTP; and what is said instead, which is about the tree. */
type Said = HttpClientError.HttpClientError | Schema.SchemaError | Sse.Retry | Sse.SseError | BadRequestProblem | InternalServerErrorProblem
export type Unanswered = NotRunning | Unresponsive | InvalidRequest

/** As the order answers, however long it takes, as long as its supervisor says hello meanwhile. */
export const answered = <A, E>(connection: Connection, order: Effect.Effect<A, E>): Effect.Effect<A, Exclude<E, Said> | Unanswered> =>
  Effect.raceFirst(explainFailure(connection, order), watch(connection))

/** The same for those who follow what happens, and like to wait also for a supervisor that is stopped. */
export const explainFailure = <A, E>(connection: Connection, order: Effect.Effect<A, E>): Effect.Effect<A, Exclude<E, Said> | Unanswered> =>
  Effect.catch(order, (error) => explain(connection, error))

/** The recent events, and then everything that happens until the tree has ended. */
export const follow = (connection: Connection, output: boolean): Stream.Stream<TreeEvent, Unanswered> =>
  Stream.catch(Stream.unwrap(connection.client.events({ query: { follow: true, output } })), (error) =>
    Stream.fromEffect(explain(connection, error))
  )

/** Stops the whole tree, and is done when it has said that it has ended: a supervisor may also die over it. */
export const shutdown = <E = never>(
  connection: Connection,
  see: (event: TreeEvent) => Effect.Effect<unknown, E> = () => Effect.void
): Effect.Effect<void, E | Unanswered> =>
  Effect.gen(function* () {
    const { client, directory } = connection
    let ended = false
    const events = yield* explainFailure(connection, client.events({ query: { follow: true } }))
    yield* explainFailure(connection, client.shutdown())
    const told = Stream.takeUntil(
      Stream.catch(events, () => Stream.empty),
      ({ _tag }) => _tag === "Ended"
    )
    const reading = Stream.runForEach(told, (event) => {
      ended = event._tag === "Ended"
      return see(event)
    })
    yield* Effect.raceFirst(reading, watch(connection))
    const gone = "its supervisor ended before the tree was down; its processes may live on"
    if (!ended) return yield* absent(directory, { gone, running: "it has broken off before the tree was down" })
  })

const watch = ({ hello }: Connection): Effect.Effect<never, NotRunning | Unresponsive> =>
  Effect.forever(Effect.andThen(Effect.sleep(LOOK_MS), hello))

const explain = <E>({ directory }: Connection, error: E): Effect.Effect<never, Exclude<E, Said> | Unanswered> => {
  if (error instanceof BadRequestProblem) {
    const wrong = error.errors?.map(({ path, message }) => `${path.join(".")}: ${message}`)
    return Effect.fail(new InvalidRequest({ because: wrong?.join("; ") ?? error.message }))
  }
  if (Schema.isSchemaError(error)) return Effect.fail(new InvalidRequest({ because: error.message.replace(/\s*\n\s*/g, " ") }))
  if (statusOf(error) === 413) return Effect.fail(new InvalidRequest({ because: `an order has at most ${MAX_BODY_MIB} MiB` }))
  if (!isSaid(error)) return Effect.fail(error as Exclude<E, Said>)
  return absent(directory, {
    gone: "its supervisor has ended, and answers no more",
    running: "it has broken off in the middle"
  })
}

const isSaid = (error: unknown): boolean =>
  HttpClientError.isHttpClientError(error) ||
  ["Retry", "SseError", "InternalServerErrorProblem"].includes(String((error as { _tag?: unknown } | undefined)?._tag))
