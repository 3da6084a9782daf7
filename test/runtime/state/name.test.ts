/** The name of a state directory: held by one process of a user, whatever becomes of the folder. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { expect } from "vitest"
import { holdName } from "../../../src/runtime/state/name.ts"
import { temporaryFolder } from "../processes.ts"

const names = (): ReadonlyArray<string> => readFileSync("/proc/net/unix", "utf8").match(/(?<=@)supervise\/[0-9a-f]{64}/g) ?? []

it.effect.skipIf(process.platform !== "linux")("is held once, and free again afterwards", () =>
  Effect.gen(function* () {
    const folder = temporaryFolder()
    for (let times = 0; times < 2; times++) {
      yield* Effect.scoped(
        Effect.gen(function* () {
          expect(yield* holdName(folder)).toBeUndefined()
          expect(yield* holdName(folder)).toBe(process.pid)
          expect(yield* holdName(temporaryFolder())).toBeUndefined()
        })
      )
    }
  })
)

it.live.skipIf(process.geteuid?.() !== 0 || process.platform !== "linux")("cannot be kept from us by another user", () =>
  Effect.gen(function* () {
    const folder = temporaryFolder()
    const before = names()
    const [name] = yield* Effect.scoped(Effect.map(holdName(folder), () => names().filter((name) => !before.includes(name))))
    // It takes on the other user itself, who may perhaps not read this clone.
    const script = `process.setuid(65534); require("node:net").createServer().listen("\\0${name}", () => console.log("listening"))`
    const other = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"], cwd: "/" })
    yield* Effect.promise(() => once(other.stdout, "data"))
    expect(names()).toContain(name)
    expect(yield* Effect.scoped(holdName(folder))).toBeUndefined()
    other.kill("SIGKILL")
    yield* Effect.promise(() => once(other, "close"))
  })
)
