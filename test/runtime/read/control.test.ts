/** What the interface of a running tree tells, beyond what the commands on it do. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { decodeTree, line, run, supervisor } from "supervise"
import { expect } from "vitest"
import { launch } from "../launched.ts"
import { rootPath, signal } from "../processes.ts"
import { at, node, root, sentence, shell, sleeper, story, upAs, when } from "../tree.ts"

story(
  "signals go to workers only",
  Effect.gen(function* () {
    const control = yield* run(root([supervisor({ id: "s", children: [sleeper("a")] })]))
    const refused = [rootPath, at("s"), at("s", "b")].map((path) => sentence(control.signal(path, "SIGCONT")))
    expect(yield* Effect.all(refused)).toEqual([
      `${rootPath} is a supervisor; signals go to workers.`,
      `${at("s")} is a supervisor; signals go to workers.`,
      `There is no ${at("s", "b")} in this tree.`
    ])
  })
)

story(
  "lines of output are no changes of a node",
  Effect.gen(function* () {
    const prints = "trap 'seq 100; exit 0' TERM; echo up; while :; do sleep 0.02; done"
    const control = yield* run(root([shell("a", prints, { restart: "transient", ready: line("^up$") }), sleeper("b")]))
    const lines = yield* Effect.forkChild(
      control.events.pipe(
        Stream.takeUntil(({ _tag, path }) => _tag === "Exited" && path === at("a")),
        Stream.filter(({ _tag }) => _tag === "Line"),
        Stream.runCount
      ),
      { startImmediately: true }
    )
    const changes = yield* Effect.forkChild(
      control.changes.pipe(
        Stream.filter(({ path }) => path === at("a")),
        Stream.takeUntil(({ node }) => node?.phase === "down"),
        Stream.runCount
      ),
      { startImmediately: true }
    )
    yield* control.signal(at("a"), "SIGTERM")
    expect(yield* Fiber.join(lines)).toBe(100)
    expect(yield* Fiber.join(changes)).toBeLessThan(10)
  })
)

story(
  "why says nothing of a hold that is over",
  Effect.gen(function* () {
    const control = yield* run(root([sleeper("a")]))
    yield* control.stop(at("a"))
    expect(yield* control.why(at("a"))).toHaveProperty("holdSince")
    yield* control.start(at("a"))
    expect(yield* control.why(at("a"))).not.toHaveProperty("holdSince")
  })
)

story(
  "why shows the last decision about a worker, also when it is gone with the supervisor above it",
  Effect.gen(function* () {
    const spec = root([supervisor({ id: "s", children: [sleeper("a")] })])
    const { control, booted } = yield* launch(yield* decodeTree(spec), { seed: 7, origin: { spec, places: new Map() } })
    yield* booted
    for (const incarnation of [2, 3]) {
      signal((yield* node(control, at("s", "a"))).pid!, "SIGKILL")
      yield* upAs(control, at("s", "a"), incarnation)
    }
    yield* control.stop(at("s"))
    yield* when(control, at("s"), ({ phase }) => phase === "down")
    const { decisions, more, node: none } = yield* control.why(at("s", "a"))
    expect([decisions.length, more, none]).toEqual([1, 1, undefined])
  })
)

story(
  "why names no rule of a wait that is over",
  Effect.gen(function* () {
    const control = yield* run(root([sleeper("a"), sleeper("b")], { startGate: { rate: 1, burst: 1 } }))
    yield* when(control, at("b"), ({ phase }) => phase === "up")
    expect((yield* control.recent).some(({ _tag, path }) => _tag === "Pending" && path === at("b"))).toBe(true)
    expect(yield* control.why(at("b"))).not.toHaveProperty("rule")
  })
)
