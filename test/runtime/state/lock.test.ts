/** Is a folder locked? Asked once, or until it no longer is. */
import { readdirSync } from "node:fs"
import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { expect } from "vitest"
import { isLocked, Locked, lock } from "../../../src/runtime/state/lock.ts"
import { temporaryFolder } from "../processes.ts"

/** How often `isLocked` looks again, in virtual time. */
const LOOK_EVERY_MS = 20

it.effect("answers at once without a time to wait", () =>
  Effect.gen(function* () {
    const folder = temporaryFolder()
    expect(yield* isLocked(folder, 0)).toBe(false)
    const { release } = yield* lock(folder)
    expect(yield* isLocked(folder, 0)).toBe(true)
    release()
    expect(yield* isLocked(folder, 0)).toBe(false)
  })
)

it.effect("answers when it is unlocked, at the next look and not before", () =>
  Effect.gen(function* () {
    const folder = temporaryFolder()
    const { release } = yield* lock(folder)
    const waiting = yield* Effect.forkChild(isLocked(folder, 60_000), { startImmediately: true })
    for (let looks = 0; looks < 5; looks++) expect(yield* isLocked(folder, 0)).toBe(true)
    release()
    for (let looks = 0; looks < 5; looks++) expect(yield* isLocked(folder, 0)).toBe(false)
    expect(waiting.pollUnsafe()).toBeUndefined()
    yield* TestClock.adjust(LOOK_EVERY_MS - 1)
    yield* Effect.promise(() => new Promise(setImmediate))
    expect(waiting.pollUnsafe()).toBeUndefined()
    yield* TestClock.adjust(1)
    expect(yield* Fiber.join(waiting)).toBe(false)
  })
)

it.effect("keeps no file open, whether it is locked or not", () =>
  Effect.gen(function* () {
    const folder = temporaryFolder()
    const open = () => readdirSync("/proc/self/fd").length
    const { release } = yield* lock(folder)
    const before = open()
    for (let looks = 0; looks < 5; looks++) expect(yield* isLocked(folder, 0)).toBe(true)
    expect(open()).toBeLessThanOrEqual(before + 1) // SQLite keeps one for the next look, as closing it would unlock
    release()
    for (let looks = 0; looks < 5; looks++) expect(yield* isLocked(folder, 0)).toBe(false)
    expect(open()).toBeLessThan(before)
  })
)

/** Ten milliseconds of virtual time, in which it is tried once more. */
const oneTry = Effect.gen(function* () {
  yield* TestClock.adjust(10)
  yield* Effect.promise(() => new Promise(setImmediate))
})

it.effect("locking is tried six times in fifty milliseconds, as somebody may just be looking", () =>
  Effect.gen(function* () {
    const folder = temporaryFolder()
    const { release } = yield* lock(folder)
    const trying = yield* Effect.forkChild(Effect.flip(lock(folder)), { startImmediately: true })
    yield* Effect.promise(() => new Promise(setImmediate))
    for (let tries = 1; tries < 6; tries++) {
      expect(trying.pollUnsafe()).toBeUndefined()
      yield* oneTry
    }
    expect(trying.pollUnsafe()).toBeDefined()
    expect(yield* Fiber.join(trying)).toBeInstanceOf(Locked)

    const late = yield* Effect.forkChild(lock(folder), { startImmediately: true })
    for (let tries = 1; tries < 5; tries++) yield* oneTry
    release()
    yield* oneTry
    ;(yield* Fiber.join(late)).release()
  })
)
