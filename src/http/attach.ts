/** A tree that runs in another process, for programs without Effect. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { TreeClient } from "../runtime/read/TreeClient.ts"
import type { TreeEvent } from "../runtime/read/TreeEvent.ts"
import { connect } from "./connect.ts"
import { Detached } from "./errors.ts"
import { follow, request, shutdown, type Unanswered } from "./requests.ts"

/**
 * A tree that runs in another process. Requests reject with `Refused`, as within the program that runs the tree; with
 * `InvalidRequest` when an argument is invalid; with `NotRunning` or `Unresponsive` when the supervisor has ended or
 * does not answer; and with `Detached` after this object was disposed of.
 */
export interface RemoteTree extends TreeClient {
  /** The pid of its supervisor. */
  readonly pid: number
}

/**
 * Attaches to the tree that runs with this state directory. Rejects with `NotRunning` if there is none, and with
 * `Unresponsive` if its supervisor does not answer. Detaching, or the end of this program, does not affect the tree.
 */
export async function attach(state: string): Promise<RemoteTree> {
  const scope = Scope.makeUnsafe()
  const end = () => Effect.runPromise(Scope.close(scope, Exit.void))
  const connection = await Effect.runPromise(Scope.provide(connect(state), scope)).catch(async (error) => {
    await end()
    throw error
  })
  const { client, root, pid } = connection
  const detached = Deferred.makeUnsafe<void>()
  const isDetached = () => Deferred.isDoneUnsafe(detached)
  const failure = new Detached({ root })

  const promise = <A, E>(call: Effect.Effect<A, E>): Promise<A> =>
    Effect.runPromise(
      Effect.suspend((): Effect.Effect<A, unknown> => {
        if (isDetached()) return Effect.fail(failure)
        return Effect.raceFirst(call, Effect.andThen(Deferred.await(detached), Effect.fail(failure)))
      })
    )
  const send = <Payload, A, E>(call: (input: { readonly payload: Payload }) => Effect.Effect<A, E>, payload: Payload): Promise<A> =>
    promise(request(connection, call({ payload })))
  return {
    root,
    pid,
    snapshot: () => promise(request(connection, client.snapshot())),
    usage: () => promise(request(connection, client.usage())),
    events: ({ output = false } = {}) => {
      const events: Stream.Stream<TreeEvent, Unanswered | Detached> = isDetached() ? Stream.fail(failure) : follow(connection, output)
      return Stream.toAsyncIterable(Stream.interruptWhen(events, Deferred.await(detached)))
    },
    why: (path, options) => promise(request(connection, client.why({ query: { path, ...options } }))),
    stop: (path) => (path === undefined ? promise(shutdown(connection)) : send(client.stop, { path })),
    start: (path) => send(client.start, { path }),
    restart: (path) => send(client.restart, { path }),
    signal: (path, signal, to) => send(client.signal, { path, signal, ...(to === undefined ? {} : { to }) }),
    scale: (path, size) => send(client.scale, { path, size }),
    [Symbol.asyncDispose]: () => {
      Deferred.doneUnsafe(detached, Effect.void)
      return end()
    }
  }
}
