/**
 * The folder that belongs to one running tree: `.supervise/` beside its tree file, or wherever `--state` says.
 *
 * It holds `pid`, the control socket, and `lock`: an SQLite file that the running supervisor keeps locked. The operating system gives the
 * lock back when the process ends, however it ends; so a folder is never thought to be in use because something was left in it.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

/** The name of the folder beside the tree file. */
export const STATE = ".supervise"

export interface StateDirectory {
  /** Absolute. */
  readonly path: string
}

/** Another tree, or the same, runs with this state directory. */
export class AlreadyRunning extends Schema.TaggedError<AlreadyRunning>()("AlreadyRunning", {
  directory: Schema.String,
  /** Of the supervisor that runs; undefined if it has not said so yet. */
  pid: Schema.UndefinedOr(Schema.Number)
}) {
  override get message(): string {
    return `${this.directory} belongs to a running tree${this.pid === undefined ? "" : ` (pid ${this.pid})`}.`
  }
}

/** The state directory cannot be made, written or listened in. */
export class StateUnusable extends Schema.TaggedError<StateUnusable>()("StateUnusable", {
  directory: Schema.String,
  because: Schema.String
}) {
  override get message(): string {
    return `The state directory ${this.directory} cannot be used: ${this.because}.`
  }
}

/** Makes the folder if need be and keeps it for this process until the scope closes. */
export const claim = (directory: string): Effect.Effect<StateDirectory, AlreadyRunning | StateUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const path = resolve(directory)
    const pidFile = join(path, "pid")
    const attempt = <A>(act: () => A) =>
      Effect.try({ try: act, catch: (error) => new StateUnusable({ directory: path, because: reason(error) }) })

    yield* attempt(() => makeFolder(path))
    yield* Effect.acquireRelease(lock(path), (unlock) => Effect.sync(unlock))
    yield* attempt(() => {
      writeFileSync(join(path, ".gitignore"), "*\n")
      writeFileSync(pidFile, `${process.pid}\n`)
    })
    yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(pidFile, { force: true })))
    return { path }
  })

/** Done when no running tree has the folder any more, or after this time; answers whether it is free. Blocks the whole process. */
export const free = (directory: string, withinMs: number): Effect.Effect<boolean> =>
  lock(directory, withinMs).pipe(
    Effect.map((unlock) => unlock()),
    Effect.match({ onSuccess: () => true, onFailure: ({ _tag }) => _tag !== "AlreadyRunning" })
  )

const lock = Effect.fnUntraced(function* (path: string, timeout = 0): Effect.fn.Return<() => void, AlreadyRunning | StateUnusable> {
  const { DatabaseSync } = yield* Effect.promise(() => import("node:sqlite"))
  return yield* Effect.try({
    try: () => {
      const file = new DatabaseSync(join(path, "lock"), { timeout })
      try {
        // Nothing is ever written to it; so no journal is to be laid beside it, either.
        file.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE")
      } catch (error) {
        file.close()
        throw error
      }
      return () => file.close()
    },
    catch: (error) =>
      (error as { errcode?: number }).errcode === SQLITE_BUSY
        ? new AlreadyRunning({ directory: path, pid: readPid(join(path, "pid")) })
        : new StateUnusable({ directory: path, because: `its lock: ${reason(error)}` })
  })
})
/** https://sqlite.org/rescode.html */
const SQLITE_BUSY = 5

/** Not `recursive`: Node 26 never comes back from that where a folder cannot be made in an existing one, as below /proc. */
const makeFolder = (path: string): void => {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) mkdirSync(path, { mode: 0o700 })
  else if (!stats.isDirectory()) throw new Error("it is not a folder")
}

const readPid = (file: string): number | undefined => {
  try {
    const pid = Number(readFileSync(file, "utf8"))
    return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message.replace(/\.$/, "") : String(error))
