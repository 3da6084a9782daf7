/** A running tree for programs without Effect: the `Control` of a tree as promises and async iterables. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ChildAnswer } from "../core/Event.ts"
import type { Change, Counts, Up } from "../runtime/read/Control.ts"
import type { TreeClient } from "../runtime/read/TreeClient.ts"
import type { Ending } from "../runtime/read/TreeEvent.ts"
import type { Child, ChildSpec, TreeSpec } from "../tree/Spec.ts"
import { type RunOptions, run } from "./run.ts"

/** A tree that runs in this program: what every `TreeClient` has, and what needs to be in the same process. */
export interface RunningTree extends TreeClient {
  /** Every node, and then every node that changes. */
  readonly changes: () => AsyncIterable<Change>
  /** May also reject with `BadTree`, `KeeperNeeded` or `StateNeeded`. */
  readonly startChild: (path: string, spec: ChildSpec) => Promise<Up>
  readonly startInstance: (path: string, argv?: ReadonlyArray<string>) => Promise<Up>
  readonly terminateChild: (path: string) => Promise<void>
  readonly restartChild: (path: string) => Promise<Up>
  readonly deleteChild: (path: string) => Promise<void>
  readonly getChildSpec: (path: string) => Promise<Child>
  readonly whichChildren: (path: string) => Promise<ReadonlyArray<ChildAnswer>>
  readonly countChildren: (path: string) => Promise<Counts>
  /** Kills the whole tree at once. */
  readonly kill: () => Promise<void>
  /** Resolves when the tree has ended, for whatever reason: stopped, gave up, or shut down by a significant child. */
  readonly ended: Promise<Ending>
}

/**
 * Boots a tree; resolves when every child is ready. Rejects with `BadTree` when the spec is invalid, with
 * `AlreadyRunning` or `StateUnusable` when it cannot use its state directory, and with `BootFailed` when a child does
 * not start; everything that was started is then stopped.
 */
export async function start(spec: TreeSpec, options: RunOptions = {}): Promise<RunningTree> {
  const scope = Scope.makeUnsafe()
  let closing: Promise<void> | undefined
  // Later calls wait for the same end, because a scope that is closing already counts as closed.
  const close = () => (closing ??= Effect.runPromise(Scope.close(scope, Exit.void)))
  const control = await Effect.runPromise(Scope.provide(run(spec, options), scope)).catch(async (error) => {
    await close()
    throw error
  })
  const promise = <A, E>(request: Effect.Effect<A, E>): Promise<A> => Effect.runPromise(request)
  return {
    root: Effect.runSync(control.snapshot).root.path,
    snapshot: () => promise(control.snapshot),
    usage: () => promise(control.usage),
    changes: () => Stream.toAsyncIterable(control.changes),
    events: ({ output = false } = {}) => Stream.toAsyncIterable(output ? control.history : control.historyWithoutOutput),
    why: (path, options) => promise(control.why(path, options?.last)),
    stop: (path) => (path === undefined ? close() : promise(control.stop(path))),
    start: (path) => promise(control.start(path)),
    restart: (path) => promise(control.restart(path)),
    signal: (path, signal, to) => promise(control.signal(path, signal, to)),
    scale: (path, size) => promise(control.scale(path, size)),
    startChild: (path, spec) => promise(control.startChild(path, spec)),
    startInstance: (path, argv) => promise(control.startInstance(path, argv)),
    terminateChild: (path) => promise(control.terminateChild(path)),
    restartChild: (path) => promise(control.restartChild(path)),
    deleteChild: (path) => promise(control.deleteChild(path)),
    getChildSpec: (path) => promise(control.getChildSpec(path)),
    whichChildren: (path) => promise(control.whichChildren(path)),
    countChildren: (path) => promise(control.countChildren(path)),
    kill: () => promise(control.kill).then(close),
    ended: promise(control.ended).finally(close),
    [Symbol.asyncDispose]: close
  }
}
