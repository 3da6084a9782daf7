/**
 * The folder of one running tree: `.supervise/` beside its tree file, or what `--state` says.
 *
 * It contains the lock, the control socket, and `pid`, which is only informative. We never overwrite or delete a file
 * that we did not create. Only the owner may write here, because any process that can write here controls the tree.
 */
import { existsSync, lstatSync, readdirSync, rmdirSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { SentenceError } from "../../tree/SentenceError.ts"
import { absolute, inodeOf, makeFolder, numberIn, realFolder, reason, writeNew } from "./files.ts"
import { isLock, Locked, lock, lockIn } from "./lock.ts"
import { holdName } from "./name.ts"
import { mustBeOurs } from "./ownership.ts"

/** The name of the folder beside the tree file. */
export const STATE_DIRECTORY = ".supervise"

export interface StateDirectory {
  /** Absolute, and without links. */
  readonly path: string
  /** False if the folder or its lock was removed or replaced: then what is at its path is no longer ours. */
  readonly isOurs: () => boolean
  /** Makes it again, after it was removed or replaced while we run. */
  readonly makeAgain: Effect.Effect<void, AlreadyRunning | StateUnusable>
  /** Removes what claiming has made, if the folder is not used after all. */
  readonly giveBack: Effect.Effect<void>
}

/** Another tree, or the same one, runs with this state directory. */
export class AlreadyRunning extends SentenceError<AlreadyRunning>()("AlreadyRunning", {
  directory: Schema.String,
  /** Of the running supervisor; undefined if it has not written it yet. */
  pid: Schema.UndefinedOr(Schema.Number)
}) {
  override get message(): string {
    return `${this.directory} belongs to a running tree${this.pid === undefined ? "" : ` (pid ${this.pid})`}.`
  }
}

/** The state directory cannot be made, written or listened in. */
export class StateUnusable extends SentenceError<StateUnusable>()("StateUnusable", {
  directory: Schema.String,
  because: Schema.String
}) {
  override get message(): string {
    return `The state directory ${this.directory} cannot be used: ${this.because}.`
  }
}

/**
 * Makes the folder if needed and keeps it for this process until the scope closes. If it fails it leaves nothing
 * behind.
 */
export const claim = Effect.fn("supervise.claim")(function* (
  directory: string
): Effect.fn.Return<StateDirectory, AlreadyRunning | StateUnusable, Scope.Scope> {
  let held = yield* hold(directory)
  const { path } = held
  yield* Effect.addFinalizer(() => held.close)
  const other = yield* holdName(path)
  if (other !== undefined) {
    yield* Effect.andThen(held.giveBack, held.close)
    return yield* new AlreadyRunning({ directory: path, pid: other })
  }
  const makeAgain = Effect.gen(function* () {
    if (!existsSync(dirname(path))) return yield* new StateUnusable({ directory: path, because: "the folder that it was in is gone, too" })
    if (held.isSameFolder()) yield* Effect.ignore(Effect.try(() => writeNew(lockIn(path), ""))) // otherwise it is not ours without
    yield* held.close
    held = yield* hold(path)
  })
  return { path, isOurs: () => held.isOurs(), makeAgain, giveBack: Effect.suspend(() => held.giveBack) }
})

/** The folder, and what is in it, until `close`. */
interface Held extends Omit<StateDirectory, "makeAgain"> {
  readonly isSameFolder: () => boolean
  readonly close: Effect.Effect<void>
}

const hold = Effect.fnUntraced(function* (directory: string): Effect.fn.Return<Held, AlreadyRunning | StateUnusable> {
  const made = yield* Scope.make()
  const kept = yield* Scope.make()
  const [giveBack, close] = [Scope.close(made, Exit.void), Scope.close(kept, Exit.void)]
  const held = yield* Effect.onError(Scope.provide(holdNoting(directory, made), kept), () => Effect.andThen(giveBack, close))
  return { ...held, giveBack, close }
})

/** `made` gets a finalizer for all that is made: it is closed only if the folder is not used after all. */
const holdNoting = Effect.fnUntraced(function* (directory: string, made: Scope.Closeable) {
  let named = directory
  const unusable = (error: unknown) => new StateUnusable({ directory: named, because: reason(error) })
  const attempt = <A>(act: () => A) => Effect.try({ try: act, catch: unusable })
  const orElse = (undo: () => void) => Scope.addFinalizer(made, Effect.sync(undo))

  const folders: Array<string> = []
  yield* orElse(() => folders.toReversed().forEach(removeEmpty))
  yield* attempt(() => {
    named = absolute(directory)
    makeFolder(named, (folder) => folders.push(folder))
  })
  const path = yield* attempt(() => realFolder(named))
  const isFresh = yield* attempt(() => mayBeOurs(path))
  const taken = yield* Effect.acquireRelease(
    Effect.mapError(lock(path), (error) =>
      error instanceof Locked ? new AlreadyRunning({ directory: path, pid: pidIn(path) }) : unusable(`its lock: ${reason(error)}`)
    ),
    ({ release }) => Effect.sync(release)
  )
  if (taken.made) yield* orElse(() => taken.isInPlace() && rmSync(lockIn(path)))
  yield* attempt(() => writePid(path))
  const removePid = (): void => {
    if (taken.isInPlace() && pidIn(path) === process.pid) rmSync(pidFileIn(path))
  }
  yield* orElse(removePid)
  yield* Effect.addFinalizer(() => Effect.sync(removePid))
  if (isFresh) {
    const ignored = join(path, ".gitignore")
    yield* attempt(() => writeNew(ignored, "*\n"))
    yield* orElse(() => rmSync(ignored, { force: true }))
  }
  const folder = inodeOf(path)
  return { path, isOurs: taken.isInPlace, isSameFolder: () => inodeOf(path) === folder }
})

/** The pid that a supervisor has written there. */
export const pidIn = (folder: string): number | undefined => {
  try {
    const pid = numberIn(pidFileIn(folder))
    return Number.isSafeInteger(pid) && pid! > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

const pidFileIn = (folder: string): string => join(folder, "pid")

/** A file of an earlier supervisor is ours; a link, a pipe, or a file with anything else in it is not. */
const writePid = (folder: string): void => {
  const file = pidFileIn(folder)
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) {
    if (numberIn(file) === undefined) throw new Error(`there is a ${file} that is not ours`)
    rmSync(file)
  }
  writeNew(file, `${process.pid}\n`)
}

/** Throws if it cannot be ours; answers whether it is empty. */
const mayBeOurs = (path: string): boolean => {
  mustBeOurs(path)
  if (readdirSync(path).length === 0) return true
  if (isLock(lockIn(path))) return false
  throw new Error("other things are in it and no lock of ours, so it is no state directory; name one that is empty or not there yet")
}

/** A folder that is no longer empty stays. */
const removeEmpty = (folder: string): void => {
  try {
    rmdirSync(folder)
  } catch {}
}
