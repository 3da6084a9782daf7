/** A tree that runs in another process, for programs without Effect. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Snapshot, Up } from "../runtime/Control.ts"
import type { TreeEvent } from "../runtime/TreeEvent.ts"
import { connect } from "./connect.ts"

/** Orders reject with `Refused`, as they do within the program that runs the tree; and with Effect's `HttpClientError` when that has ended. */
export interface RemoteTree extends AsyncDisposable {
  /** The path of the root. */
  readonly root: string
  /** Of its supervisor. */
  readonly pid: number
  readonly snapshot: () => Promise<Snapshot>
  /** The recent events, and then everything that happens until the tree has ended; the lines that workers print only if asked for. */
  readonly events: (options?: { readonly output?: boolean }) => AsyncIterable<TreeEvent>
  /** With a path: keeps that child down until it is started. Without: stops the whole tree. Done when it is down. */
  readonly stop: (path?: string) => Promise<void>
  readonly start: (path: string) => Promise<Up>
  readonly restart: (path: string) => Promise<Up>
  readonly signal: (path: string, signal: string, to?: "leader" | "group") => Promise<void>
  readonly scale: (path: string, size: number) => Promise<void>
}

/** Attaches to the tree that runs with this state directory. Rejects with `NothingRunning` if there is none. The tree does not mind our end. */
export async function attach(state: string): Promise<RemoteTree> {
  const scope = Scope.makeUnsafe()
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  const { client, root, pid } = await Effect.runPromise(Scope.provide(connect(state), scope)).catch(async (error) => {
    await close()
    throw error
  })
  const promise = <A, E>(order: Effect.Effect<A, E>): Promise<A> => Effect.runPromise(order)
  const follow = (output: boolean) => Stream.unwrap(client.events({ query: { follow: true, output } }))
  const shutdown = Effect.gen(function* () {
    const events = yield* client.events({ query: { follow: true } })
    yield* client.shutdown()
    yield* Stream.runDrain(events)
  })
  return {
    root,
    pid,
    snapshot: () => promise(client.snapshot()),
    events: ({ output = false } = {}) => Stream.toAsyncIterable(follow(output)),
    stop: (path) => (path === undefined ? promise(shutdown) : promise(client.stop({ payload: { path } }))),
    start: (path) => promise(client.start({ payload: { path } })),
    restart: (path) => promise(client.restart({ payload: { path } })),
    signal: (path, signal, to) => promise(client.signal({ payload: { path, signal, ...(to === undefined ? {} : { to }) } })),
    scale: (path, size) => promise(client.scale({ payload: { path, size } })),
    [Symbol.asyncDispose]: close
  }
}
