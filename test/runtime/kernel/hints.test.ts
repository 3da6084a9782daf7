/** A child in a long backoff is started at once when its program has changed. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { breaker, constant, run, worker } from "supervise"
import { describe, expect } from "vitest"
import type { JournalEntry } from "../../../src/core/Journal.ts"
import { hints } from "../../../src/runtime/kernel/hints.ts"
import type { Kernel } from "../../../src/runtime/kernel/Kernel.ts"
import type { TreeEvent } from "../../../src/runtime/read/TreeEvent.ts"
import { at, root, story, upAs, when } from "../tree.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "supervise-hints-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)
const write = (path: string, text: string) => Effect.sync(() => writeFileSync(path, text, { mode: 0o755 }))
const forAnHour = constant({ delay: "1 hour", jitter: 0 })
const tree = (start: readonly [string, ...ReadonlyArray<string>], env = {}) => root([worker({ id: "a", start, env, backoff: forAnHour })])
const waits = (one: { readonly phase: string }): boolean => one.phase === "backoff"

describe("a change ends a wait of an hour", () => {
  for (const [where, env] of Object.entries({ "": {}, ", without a PATH": { PATH: null } }))
    story(
      `of a script among the arguments${where}`,
      Effect.gen(function* () {
        const cwd = yield* folder
        yield* write(join(cwd, "job.sh"), "sleep 0.1; exit 1\n") // it has ended after the tree is up
        const control = yield* run(tree(["sh", "job.sh"], env), { folder: cwd })
        yield* when(control, at("a"), waits)
        yield* write(join(cwd, "job.sh"), "exec sleep 1000\n")
        expect((yield* upAs(control, at("a"), 2)).incarnation).toBe(2)
      })
    )

  story(
    "of a program that is gone, and comes back by a rename",
    Effect.gen(function* () {
      const cwd = yield* folder
      yield* write(join(cwd, "late"), '#!/bin/sh\nrm "$0"\nsleep 0.1; exit 1\n')
      const control = yield* run(tree(["./late"]), { folder: cwd })
      yield* when(control, at("a"), waits)
      yield* write(join(cwd, "late.tmp"), "#!/bin/sh\nexec sleep 1000\n")
      yield* Effect.sync(() => renameSync(join(cwd, "late.tmp"), join(cwd, "late")))
      expect((yield* upAs(control, at("a"), 2)).incarnation).toBe(2)
    })
  )

  story(
    "of the program of a child that the breaker defers, though the probe is not up",
    Effect.gen(function* () {
      const cwd = yield* folder
      for (const name of ["a.sh", "b.sh"]) yield* write(join(cwd, name), "sleep 0.2; exit 1\n")
      const slow = breaker({ failures: 2, probeEvery: "1 hour", stable: "1 hour", giveUpAfter: "2 hours" })
      const child = (id: string) => worker({ id, start: ["sh", `${id}.sh`], backoff: forAnHour })
      const moments: Array<JournalEntry> = []
      const onJournalEntry = (moment: JournalEntry): void => void moments.push(moment)
      const control = yield* run(root([child("a"), child("b")], { breaker: slow }), { folder: cwd, onJournalEntry })
      // Its turn as the probe comes in about five seconds; the hint comes in one.
      const { path } = yield* Effect.race(
        when(
          control,
          at("a"),
          ({ phase, pendingOn, incarnation }) => phase === "pending" && pendingOn?._tag === "Breaker" && incarnation > 3
        ),
        when(
          control,
          at("b"),
          ({ phase, pendingOn, incarnation }) => phase === "pending" && pendingOn?._tag === "Breaker" && incarnation > 3
        )
      )
      const id = path.slice(-1)
      yield* write(join(cwd, `${id}.sh`), "exec sleep 1000\n")
      yield* upAs(control, path, 4)
      const hinted = moments.filter(({ event }) => event._tag === "Hint" && event.path === path)
      expect(hinted.flatMap(({ actions }) => actions).some((action) => action._tag === "Spawn" && action.path === path)).toBe(true)
    })
  )

  story(
    "but not of one that the operator has stopped meanwhile",
    Effect.gen(function* () {
      const cwd = yield* folder
      yield* write(join(cwd, "job.sh"), "exit 1\n")
      const moments: Array<JournalEntry> = []
      const child = (id: string) => worker({ id, start: ["sh", "job.sh"], backoff: forAnHour })
      const control = yield* run(root([child("a"), child("b")]), { folder: cwd, onJournalEntry: (moment) => void moments.push(moment) })
      for (const id of ["a", "b"]) yield* when(control, at(id), waits)
      yield* control.stop(at("a"))
      yield* write(join(cwd, "job.sh"), "exec sleep 1000\n")
      yield* upAs(control, at("b"), 2)
      expect(moments.flatMap(({ event }) => (event._tag === "Hint" ? [event.path] : []))).toEqual([at("b")])
    })
  )

  story(
    "but not while there is less than a second to wait",
    Effect.gen(function* () {
      const cwd = yield* folder
      const spec = (id: string) => ({ type: "worker", start: ["sh", `${id}.sh`], cwd: ".", env: {} })
      const children = new Map(["a", "b"].map((id) => [`/r/${id}`, { spec: spec(id), argv: [] }]))
      const hinted: Array<unknown> = []
      let told = (_: TreeEvent): void => {}
      const kernel = {
        state: { children },
        send: (event: unknown) => void hinted.push(event),
        observe: (observer: { readonly told: typeof told }) => {
          told = observer.told
          return () => {
            told = () => {}
          }
        }
      } as unknown as Kernel
      for (const id of ["a", "b"]) yield* write(join(cwd, `${id}.sh`), "exit 1\n")
      const scope = yield* Scope.make()
      yield* Scope.provide(hints(kernel, cwd), scope)
      for (const [id, delayMs] of Object.entries({ a: 999, b: 1_000 }))
        told({ _tag: "Backoff", path: `/r/${id}`, incarnation: 1, attempt: 1, delayMs, seq: 1, at: 0 })
      for (const id of ["a", "b"]) yield* write(join(cwd, `${id}.sh`), "exec sleep 1000\n")
      yield* Effect.repeat(Effect.sleep(20), { until: () => hinted.length > 0 })
      expect(hinted).toEqual([{ _tag: "Hint", path: "/r/b" }])
      const observed = told
      yield* Scope.close(scope, Exit.void)
      expect(told).not.toBe(observed)
    })
  )
})
