/**
 * Listens on the socket of a state directory, and keeps both in place. The HTTP server is loaded on the first
 * connection: without one, the supervisor and its children start faster and use less memory.
 */
import { chmodSync, existsSync, lstatSync, renameSync, rmSync } from "node:fs"
import { createServer, type Server, type Socket } from "node:net"
import { isMainThread } from "node:worker_threads"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { Control } from "../runtime/read/Control.ts"
import { inodeOf, reason } from "../runtime/state/files.ts"
import { type StateDirectory, StateUnusable } from "../runtime/state/StateDirectory.ts"
import { MAX_CONNECTIONS, MAX_REFUSED, makeConnectionLimiter } from "./ConnectionLimiter.ts"
import { bindable, temporarySocketPath } from "./socket.ts"

/** How often to look whether the directory and the socket are still there: within a second they are there again. */
const LOOK_EVERY_MS = 500

/**
 * Listens in the state directory until the scope closes. Only the owner of the process may connect. What is removed or
 * replaced meanwhile is made again, and `say` gets a sentence about it.
 */
export const serve = Effect.fnUntraced(function* (
  directory: StateDirectory,
  control: Control["Service"],
  say: (sentence: string) => void
): Effect.fn.Return<void, StateUnusable, Scope.Scope> {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const { accept, drain } = makeConnectionLimiter(() => load(control, scope))
  yield* Effect.addFinalizer(() => drain)
  let socket = yield* Effect.onError(listenIn(directory, accept), () => directory.giveBack)
  yield* Effect.addFinalizer(() => Effect.sync(() => socket.close()))

  /** Connections that are open stay so: they do not depend on the socket's path. */
  const makeAgain = Effect.gen(function* () {
    socket.close()
    yield* directory.makeAgain
    socket = yield* Effect.onError(listenIn(directory, accept), () => directory.giveBack)
  })
  const { path } = directory
  let failures = 0
  const look = Effect.gen(function* () {
    if (directory.isOurs() && socket.isInPlace()) return
    const because = yield* Effect.match(makeAgain, { onSuccess: () => undefined, onFailure: ({ message }) => message })
    failures = because === undefined ? 0 : failures + 1
    if (because === undefined) say(`${path}, or the lock or socket in it, was removed while its tree runs. It has been made again.`)
    // The first failure may be due to a start that is refused at this moment.
    else if (failures === 2)
      say(`${path} was removed while its tree runs, so commands do not reach the tree. ${because} This is tried again.`)
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(LOOK_EVERY_MS), Effect.uninterruptible(look))))
})

interface Listening {
  readonly isInPlace: () => boolean
  /** Ends nothing but listening. Removes the socket, unless another has replaced it. */
  readonly close: () => void
}

const listenIn = Effect.fnUntraced(function* (
  directory: StateDirectory,
  accept: (socket: Socket) => void
): Effect.fn.Return<Listening, StateUnusable> {
  const { path, link } = yield* bindable(directory.path)
  const server = createServer({ pauseOnConnect: true }, accept)
  server.maxConnections = MAX_CONNECTIONS + MAX_REFUSED
  const ino = yield* Effect.mapError(
    listen(server, path),
    (error) => new StateUnusable({ directory: directory.path, because: reason(error) })
  )
  const isInPlace = () => inodeOf(path) === ino
  return {
    isInPlace: () => isInPlace() && (link === undefined || existsSync(link)),
    close: () => {
      if (isInPlace()) rmSync(path)
      if (link !== undefined && directory.isOurs()) rmSync(link, { force: true })
      server.close()
    }
  }
})

const load = async (control: Control["Service"], scope: Scope.Scope) => {
  const { makeServer } = await import("./handlers.ts")
  return Effect.runPromise(Scope.provide(makeServer(control), scope))
}

/**
 * Returns the number of the socket's file. On close, Node removes whatever is at the path where it created a socket,
 * even if that is now another's. So the socket is created at a temporary path and moved, and other users have no access
 * to it at any time.
 */
const listen = (server: Server, path: string): Effect.Effect<number, Error> =>
  Effect.callback<number, Error>((resume) => {
    const fail = (error: unknown): void => {
      server.close()
      resume(Effect.fail(error instanceof Error ? error : new Error(String(error))))
    }
    const temporary = temporarySocketPath(path)
    rmSync(temporary, { force: true })
    server.once("error", fail)
    const umask = isMainThread ? process.umask(0o177) : undefined // per process: a worker thread may not change it
    try {
      server.listen(temporary, () => {
        server.off("error", fail)
        server.on("error", () => {}) // a connection that cannot be accepted must not end the supervisor
        try {
          chmodSync(temporary, 0o600)
          const { ino } = lstatSync(temporary)
          renameSync(temporary, path)
          resume(Effect.succeed(ino))
        } catch (error) {
          fail(error)
        }
      })
    } finally {
      if (umask !== undefined) process.umask(umask)
    }
  })
