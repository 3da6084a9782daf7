/**
 * The lock of a state directory: `lock`, an empty SQLite file that the running supervisor keeps locked. The operating
 * system unlocks it when the process ends, however it ends; so a file that was left behind never blocks a folder.
 */
import { lstatSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { inodeOf, writeNew } from "./files.ts"

/** `isLocked` takes the lock for less than a millisecond, so `lock` tries again a few times. */
const TRIES = { times: 5, schedule: Schedule.spaced(10) }
/** How often `isLocked` looks again. */
const LOOK_EVERY_MS = 20

/** Another process has the lock. */
export class Locked {
  readonly _tag = "Locked"
}

interface Lock {
  /** There was no lock file before. */
  readonly made: boolean
  /** False if there is another file in its place: then the folder is no longer ours. */
  readonly isInPlace: () => boolean
  readonly release: () => void
}

export const lockIn = (folder: string): string => join(folder, "lock")

/** Does this look like a file that we made? */
export const isLock = (file: string): boolean => {
  const stats = lstatSync(file, { throwIfNoEntry: false })
  return stats?.isFile() === true && stats.size === 0
}

/** Locks the folder, or fails with `Locked`; or with the system's error. */
export const lock = (folder: string): Effect.Effect<Lock, Locked | Error> =>
  Effect.gen(function* () {
    const path = lockIn(folder)
    const made = yield* Effect.try({ try: () => makeLock(path), catch: asError })
    const before = inodeOf(path)
    const close = yield* begin(path, "EXCLUSIVE").pipe(Effect.retry({ ...TRIES, while: (error) => error instanceof Locked }))
    const isInPlace = () => inodeOf(path) === before
    if (isInPlace()) return { made, isInPlace, release: close }
    close()
    return yield* Effect.fail(new Error("its lock was taken away at the moment when we took it"))
  })

/** Is it locked? Answers false as soon as it is not, and true after this time at the latest. */
export const isLocked = (folder: string, withinMs: number): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    const end = performance.now() + withinMs
    for (;;) {
      const isTaken = yield* Effect.match(begin(lockIn(folder), "SHARED"), {
        onSuccess: (close) => {
          close()
          return false
        },
        onFailure: (error) => error instanceof Locked
      })
      if (!isTaken || performance.now() >= end) return isTaken
      yield* Effect.sleep(LOOK_EVERY_MS)
    }
  })

/**
 * Answers a function that unlocks. SHARED only reads, so it makes no file. Closing any other descriptor of the file
 * would unlock it.
 */
const begin = Effect.fnUntraced(function* (path: string, how: "SHARED" | "EXCLUSIVE"): Effect.fn.Return<() => void, Locked | Error> {
  const { DatabaseSync } = yield* Effect.promise(() => import("node:sqlite"))
  return yield* Effect.try({
    try: () => {
      const file = new DatabaseSync(path, { readOnly: how === "SHARED" })
      try {
        // Nothing is ever written, and no journal file is to appear beside it.
        file.exec(how === "SHARED" ? "SELECT 1 FROM sqlite_master" : "PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE")
      } catch (error) {
        file.close()
        throw error
      }
      return () => file.close()
    },
    catch: (error) => ((error as { errcode?: number }).errcode === SQLITE_BUSY ? new Locked() : asError(error))
  })
})
/** https://sqlite.org/rescode.html */
const SQLITE_BUSY = 5

/** Answers false if there is one. */
const makeLock = (path: string): boolean => {
  try {
    writeNew(path, "")
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false
    throw error
  }
}

const asError = (error: unknown): Error => error as Error // Node throws nothing else
