/** Whoever waits out a long backoff is started at once when its program has been mended. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { constant, run, worker } from "supervise"
import { describe, expect } from "vitest"
import { at, root, story, upAs, when } from "./tree.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "supervise-hints-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)
const write = (path: string, text: string) => Effect.sync(() => writeFileSync(path, text, { mode: 0o755 }))
const forAnHour = constant({ delay: "1 hour", jitter: 0 })
const tree = (start: readonly [string, ...ReadonlyArray<string>]) => root([worker({ id: "a", start, backoff: forAnHour })])
const waits = (one: { readonly phase: string }): boolean => one.phase === "waiting"

describe("a change ends a wait of an hour", () => {
  story(
    "of a script among the arguments",
    Effect.gen(function* () {
      const cwd = yield* folder
      yield* write(join(cwd, "job.sh"), "exit 1\n")
      const control = yield* run(tree(["sh", "job.sh"]), { folder: cwd })
      yield* when(control, at("a"), waits)
      yield* write(join(cwd, "job.sh"), "exec sleep 1000\n")
      expect((yield* upAs(control, at("a"), 2)).incarnation).toBe(2)
    })
  )

  story(
    "of a program that is gone, and comes back by a rename",
    Effect.gen(function* () {
      const cwd = yield* folder
      yield* write(join(cwd, "late"), '#!/bin/sh\nrm "$0"\nexit 1\n')
      const control = yield* run(tree(["./late"]), { folder: cwd })
      yield* when(control, at("a"), waits)
      yield* write(join(cwd, "late.tmp"), "#!/bin/sh\nexec sleep 1000\n")
      yield* Effect.sync(() => renameSync(join(cwd, "late.tmp"), join(cwd, "late")))
      expect((yield* upAs(control, at("a"), 2)).incarnation).toBe(2)
    })
  )
})
