/** A tree that runs in another process, for programs without Effect. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { TreeClient } from "../runtime/read/TreeClient.ts"
import type { TreeEvent } from "../runtime/read/TreeEvent.ts"
import { answered, follow, shutdown, type Unanswered } from "./answered.ts"
import { connect } from "./connect.ts"
import { Detached } from "./errors.ts"

/**
 * A tree that runs in another process. Commands reject with `Refused`, as they do in the program that runs the tree; with `InvalidRequest`
 * when an argument is not what it should be; with `NotRunning` or `Unresponsive` when the supervisor has ended or does not answer; and with
 * `Detached` after it was disposed of.
 */
export interface RemoteTree extends TreeClient {
  /** Of its supervisor. */
  readonly pid: number
}

/**
 * Attaches to the tree that runs with this state directory. Rejects with `NotRunning` if there is none, and with `Unresponsive` if its
 * supervisor does not answer. The tree does not mind our end.
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
  const refusal = new Detached({ root })

  const promise = <A, E>(order: Effect.Effect<A, E>): Promise<A> =>
    Effect.runPromise(
      Effect.suspend((): Effect.Effect<A, unknown> => {
        if (isDetached()) return Effect.fail(refusal)
        return Effect.raceFirst(order, Effect.andThen(Deferred.await(detached), Effect.fail(refusal)))
      })
    )
  const ask = <Payload, A, E>(order: (request: { readonly payload: Payload }) => Effect.Effect<A, E>, payload: Payload): Promise<A> =>
    promise(answered(connection, order({ payload })))
  return {
    root,
    pid,
    snapshot: () => promise(answered(connection, client.snapshot())),
    events: ({ output = false } = {}) => {
      const events: Stream.Stream<TreeEvent, Unanswered | Detached> = isDetached() ? Stream.fail(refusal) : follow(connection, output)
      return Stream.toAsyncIterable(Stream.interruptWhen(events, Deferred.await(detached)))
    },
    why: (path, options) => promise(answered(connection, client.why({ query: { path, ...options } }))),
    stop: (path) => (path === undefined ? promise(shutdown(connection)) : ask(client.stop, { path })),
    start: (path) => ask(client.start, { path }),
    restart: (path) => ask(client.restart, { path }),
    signal: (path, signal, to) => ask(client.signal, { path, signal, ...(to === undefined ? {} : { to }) }),
    scale: (path, size) => ask(client.scale, { path, size }),
    [Symbol.asyncDispose]: () => {
      Deferred.doneUnsafe(detached, Effect.void)
      return end()
    }
  }
}
