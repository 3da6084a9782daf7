/** A simulated clock drives a whole kernel: no real time passes, and nothing rings by itself. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { constant, type LeafEvent, run, type Spawner, Spawners, supervisor, TreeClock, worker } from "supervise"
import { SimulatedClock } from "supervise/testing"
import { expect, it } from "vitest"

/** Spawns nothing, and reports what it is told to report at the clock's time. */
function invented(clock: SimulatedClock) {
  const heard: Array<string> = []
  let sink = (_: LeafEvent): void => {}
  let n = 0
  const report = (event: object): void => sink({ ...event, n: ++n, at: clock.now() } as LeafEvent)
  const spawner: Spawner = {
    attach: (given) => {
      sink = given
    },
    acknowledge: () => {},
    onBeats: () => {},
    wantOutput: () => {},
    spawn: ({ path, incarnation }) => {
      heard.push(`${clock.now()} spawn ${path}#${incarnation}`)
      report({ _tag: "Spawned", path, incarnation, pid: 2 ** 22 + incarnation, startTime: 0 })
      report({ _tag: "Ready", path, incarnation })
    },
    signal: (_leaf, _signal, _to, sent) => sent(true),
    stop: ({ path, incarnation }) => {
      heard.push(`${clock.now()} stop ${path}#${incarnation}`)
      report({ _tag: "Exited", path, incarnation, code: undefined, signal: "SIGTERM" })
    },
    killAll: () => {}
  }
  const layer = Layer.mergeAll(Layer.succeed(Spawners, { make: Effect.succeed(spawner) }), Layer.succeed(TreeClock, clock))
  return { heard, report, layer }
}

/** Fibers get their turn, and then the clock. */
const passing = (clock: SimulatedClock, ms: number) =>
  Effect.gen(function* () {
    clock.pass(ms)
    yield* Effect.yieldNow
  })

it("a backoff of an hour is over when the clock says so, and not before", () => {
  const clock = new SimulatedClock()
  const { heard, report, layer } = invented(clock)
  const leaf = worker({ id: "a", start: ["a"], backoff: constant({ delay: "1 hour", jitter: 0 }) })
  const program = Effect.gen(function* () {
    const starting = yield* Effect.forkChild(run(supervisor({ id: "r", children: [leaf] })), { startImmediately: true })
    while (starting.pollUnsafe() === undefined) yield* passing(clock, 1)
    const control = yield* Fiber.join(starting)
    const begin = clock.now()
    report({ _tag: "Exited", path: "/r/a", incarnation: 1, code: 1, signal: undefined })
    yield* passing(clock, 3_599_999)
    expect((yield* control.snapshot).root.children?.[0]).toMatchObject({ phase: "backoff", incarnation: 1 })
    yield* passing(clock, 2)
    expect((yield* control.snapshot).root.children?.[0]).toMatchObject({ phase: "up", incarnation: 2 })
    expect(heard.map((line) => line.replace(/^\d+ /, ""))).toEqual(["spawn /r/a#1", "spawn /r/a#2"])
    expect(Number(heard[1]!.split(" ")[0]) - begin).toBe(3_600_000)
    const ending = yield* Effect.forkChild(control.shutdown, { startImmediately: true })
    while (ending.pollUnsafe() === undefined) yield* passing(clock, 1)
  }).pipe(Effect.scoped, Effect.provide(layer))
  return Effect.runPromise(program)
})
