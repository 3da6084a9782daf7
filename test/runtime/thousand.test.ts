/** A thousand processes: all come up, and none is left. How long they take is printed. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { pool, run } from "supervise"
import { expect } from "vitest"
import { living } from "./processes.ts"
import { at, flatten, root, sleeper, story } from "./tree.ts"

const SIZE = 1000

story(
  "starts a thousand leaves, and stops them all",
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    yield* Effect.addFinalizer((exit) => Scope.close(scope, exit))
    const begin = performance.now()
    const control = yield* Scope.provide(run(root([pool({ id: "many", size: SIZE, child: sleeper("one") })])), scope)
    const started = performance.now()
    const leaves = flatten((yield* control.snapshot).root).filter(({ type }) => type === "worker")
    expect(leaves.filter(({ phase }) => phase === "up")).toHaveLength(SIZE)
    expect(yield* control.countChildren(at("many"))).toMatchObject({ specs: 1, active: SIZE, workers: SIZE })
    const seen = new Map(living().map(({ pid, path }) => [path, pid]))
    expect(seen.size).toBe(SIZE)
    for (const { path, pid } of leaves) expect(seen.get(path)).toBe(pid)

    const before = performance.now()
    yield* Scope.close(scope, Exit.void)
    const stopped = performance.now()
    expect(living()).toEqual([])
    console.log(`${SIZE} leaves: started in ${Math.round(started - begin)} ms, stopped in ${Math.round(stopped - before)} ms`)
  })
)
