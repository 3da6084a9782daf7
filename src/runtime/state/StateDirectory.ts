/**
 * The folder that belongs to one running tree: `.supervise/` beside its tree file, or wherever `--state` says.
 *
 * It holds the lock, the control socket, and `pid`, which is only there to be read. Nothing in it is ever written over that is not ours, and
 * nothing taken away; and as it says who is obeyed, nobody else may write into it.
 */
import { lstatSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { absolute, makeFolder, numberIn, realFolder, reason, writeNew } from "./files.ts"
import { isLock, Locked, lock, lockIn } from "./lock.ts"

/** The name of the folder beside the tree file. */
export const STATE = ".supervise"

export interface StateDirectory {
  /** Absolute, and without links. */
  readonly path: string
  /** The last supervisor here, if it has not taken its leave: its workers may live on. */
  readonly last: number | undefined
  /** False when somebody has removed the folder, or it from us: then what is at its path is no longer ours. */
  readonly isOurs: () => boolean
  /** For whoever cannot use it after all: takes back what claiming has made. */
  readonly giveBack: () => void
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

/** Makes the folder if need be and keeps it for this process until the scope closes. If it fails, it leaves nothing behind. */
export const claim = (directory: string): Effect.Effect<StateDirectory, AlreadyRunning | StateUnusable, Scope.Scope> =>
  Effect.suspend(() => {
    let named = directory
    const unusable = (error: unknown) => new StateUnusable({ directory: named, because: reason(error) })
    const attempt = <A>(act: () => A) => Effect.try({ try: act, catch: unusable })
    const undo: Array<() => void> = []
    const giveBack = (): void => {
      for (const act of undo.splice(0).reverse()) act()
    }

    return Effect.gen(function* () {
      yield* attempt(() => {
        named = absolute(directory)
        makeFolder(named, (made) => undo.push(() => removeEmpty(made)))
      })
      const path = yield* attempt(() => realFolder(named))
      const isFresh = yield* attempt(() => mayBeOurs(path))
      const held = yield* Effect.acquireRelease(
        Effect.mapError(lock(path), (error) =>
          error instanceof Locked ? new AlreadyRunning({ directory: path, pid: pidIn(path) }) : unusable(`its lock: ${reason(error)}`)
        ),
        ({ release }) => Effect.sync(release)
      )
      if (held.made) undo.push(() => held.isInPlace() && rmSync(lockIn(path)))
      const last = pidIn(path)
      yield* attempt(() => writePid(path))
      const removePid = (): void => {
        if (held.isInPlace() && pidIn(path) === process.pid) rmSync(pidFileIn(path))
      }
      undo.push(removePid)
      yield* Effect.addFinalizer(() => Effect.sync(removePid))
      if (isFresh) {
        const ignored = join(path, ".gitignore")
        yield* attempt(() => writeNew(ignored, "*\n"))
        undo.push(() => rmSync(ignored, { force: true }))
      }
      return { path, last, isOurs: held.isInPlace, giveBack }
    }).pipe(Effect.onError(() => Effect.sync(giveBack)))
  })

/** What a supervisor has written down about itself there. */
export const pidIn = (folder: string): number | undefined => {
  try {
    const pid = numberIn(pidFileIn(folder))
    return Number.isSafeInteger(pid) && pid! > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

const pidFileIn = (folder: string): string => join(folder, "pid")

/** What was left by a life before is ours; a link, a pipe, or a file with anything else in it is somebody's. */
const writePid = (folder: string): void => {
  const file = pidFileIn(folder)
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) {
    if (numberIn(file) === undefined) throw new Error(`there is a ${file} that is not ours`)
    rmSync(file)
  }
  writeNew(file, `${process.pid}\n`)
}

/** Throws if it is somebody else's; answers whether it is new, or nothing is in it. */
const mayBeOurs = (path: string): boolean => {
  const { uid, mode } = statSync(path)
  if (process.geteuid !== undefined && uid !== process.geteuid()) throw new Error("it belongs to another user")
  if ((mode & 0o022) !== 0) throw new Error("others may write into it, and so could give orders; forbid that with chmod go-w")
  if (readdirSync(path).length === 0) return true
  if (isLock(lockIn(path))) return false
  throw new Error("other things are in it and no lock of ours, so it is no state directory; name one that is empty or not there yet")
}

/** Whatever somebody has put into it meanwhile stays. */
const removeEmpty = (folder: string): void => {
  try {
    rmdirSync(folder)
  } catch {}
}
