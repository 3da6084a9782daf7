/**
 * The lock of a state directory: `lock`, an empty SQLite file that the running supervisor keeps locked. The operating system gives it back
 * when the process ends, however it ends; so a folder is never thought to be in use because something was left in it.
 */
import { lstatSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { writeNew } from "./files.ts"

/** Who only asks holds the lock for less than a millisecond: so often, and so long apart, whoever wants it tries again. */
const TRIES = { times: 5, schedule: Schedule.spaced(10) }
/** How often we look whether it was given back. */
const LOOK_MS = 20

/** Somebody else has it. */
export class Locked {
  readonly _tag = "Locked"
}

interface Lock {
  /** Was there none before? */
  readonly made: boolean
  /** As long as we hold it, no other file can be this one: so whoever has put another in its place has taken the folder from us. */
  readonly isInPlace: () => boolean
  readonly release: () => void
}

export const lockIn = (folder: string): string => join(folder, "lock")

/** Is this file one that we could have made? */
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

/** Is it locked by somebody? Answers as soon as it is not, and at the latest after this time. */
export const isLocked = (folder: string, withinMs: number): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    const end = performance.now() + withinMs
    for (;;) {
      const held = yield* Effect.match(begin(lockIn(folder), "SHARED"), {
        onSuccess: (close) => {
          close()
          return false
        },
        onFailure: (error) => error instanceof Locked
      })
      if (!held || performance.now() >= end) return held
      yield* Effect.sleep(LOOK_MS)
    }
  })

/** Answers how to give it back. Reads only, so a file that is not there is not made. Closing any other descriptor of it would unlock it. */
const begin = Effect.fnUntraced(function* (path: string, how: "SHARED" | "EXCLUSIVE"): Effect.fn.Return<() => void, Locked | Error> {
  const { DatabaseSync } = yield* Effect.promise(() => import("node:sqlite"))
  return yield* Effect.try({
    try: () => {
      const file = new DatabaseSync(path, { readOnly: how === "SHARED" })
      try {
        // Nothing is ever written to it; so no journal is to be laid beside it, either.
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
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false
  try {
    writeNew(path, "")
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false // somebody was faster
    throw error
  }
}

const inodeOf = (path: string): number | undefined => lstatSync(path, { throwIfNoEntry: false })?.ino
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
