/** A tree that is embedded counts, for the exporter of the program around it. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { decodeTree, pool, run, supervisor } from "supervise"
import { expect } from "vitest"
import { metrics } from "../../src/runtime/read/metrics.ts"
import { launch } from "../runtime/launched.ts"
import { rootId, rootPath, temporaryFolder } from "../runtime/processes.ts"
import { at, root, shell, sleeper, soon, story, upAs, when } from "../runtime/tree.ts"

/** What was counted, by name and attributes. */
const counted = Effect.map(Metric.snapshot, (all): Readonly<Record<string, number>> => {
  const entries = all.map(({ id, attributes, state }) => {
    const value = "count" in state ? state.count : "value" in state ? state.value : Number.NaN
    return [`${id.replace("supervise_", "")} ${Object.values(attributes ?? {}).join(" ")}`, Number(value)] as const
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== 0))
})

const alone = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => Effect.provideService(effect, Metric.MetricRegistry, new Map()))

story(
  "counts starts, exits, restarts and failures by supervisor, and children by phase",
  Effect.gen(function* () {
    const inner = at("inner")
    const crasher = shell("crasher", "exit 1")
    const spec = root([
      sleeper("steady"),
      supervisor({ id: "inner", intensity: 1, onIntensity: "failChild", children: [crasher, sleeper("other")] })
    ])
    const within = Effect.gen(function* () {
      const control = yield* run(spec, { folder: temporaryFolder() })
      yield* when(control, at("inner", "crasher"), ({ phase }) => phase === "failed")
      expect(yield* counted).toEqual({
        [`starts_total ${inner}`]: 3,
        [`start_milliseconds ${inner}`]: 3,
        [`exits_total ${inner}`]: 2,
        [`restarts_total ${inner}`]: 2,
        [`failures_total ${inner}`]: 1,
        [`starts_total ${rootPath}`]: 3,
        [`start_milliseconds ${rootPath}`]: 3,
        [`children ${rootPath} up`]: 3,
        [`children ${rootPath} failed`]: 1
      })
      const [started] = (yield* Metric.snapshot).filter(({ id }) => id === "supervise_start_milliseconds")
      const { buckets } = started!.state as { readonly buckets: ReadonlyArray<readonly [number, number]> }
      expect(buckets.map(([upTo]) => upTo)).toEqual([1, 10, 100, 1_000, 10_000, 60_000])
    })
    yield* Effect.scoped(within)
    expect((yield* Metric.snapshot).filter(({ id }) => id === "supervise_children")).toEqual([])
  }).pipe(alone)
)

story(
  "counts who gives up, and forgets what is removed",
  Effect.gen(function* () {
    const folder = temporaryFolder()
    const last = shell("last", "until test -e go; do sleep 0.02; done; rm go; exit 1")
    const inner = supervisor({ id: "inner", children: [sleeper("deep")] })
    const spec = pool({ id: rootId, size: 1, child: supervisor({ id: "unit", intensity: 0, backoff: soon, children: [inner, last] }) })
    const control = yield* run(spec, { folder })
    const [one, two] = [at("1"), at("2")]
    yield* control.startInstance(rootPath)
    expect((yield* counted)[`starts_total ${two}`]).toBe(2)
    expect((yield* counted)[`starts_total ${at("2", "inner")}`]).toBe(1)
    const ofRoot = (yield* counted)[`starts_total ${rootPath}`]
    yield* control.scale(rootPath, 1)
    yield* Effect.repeat(counted, { until: (now) => now[`starts_total ${two}`] === undefined })
    expect((yield* counted)[`starts_total ${at("2", "inner")}`]).toBeUndefined()
    expect((yield* counted)[`starts_total ${one}`]).toBe(2)
    expect((yield* counted)[`starts_total ${rootPath}`]).toBe(ofRoot)
    writeFileSync(join(folder, "go"), "")
    yield* upAs(control, one, 2)
    expect((yield* counted)[`escalations_total ${one}`]).toBeGreaterThanOrEqual(1)
  }).pipe(alone)
)

story(
  "each metric has its name and its description, and only the gauge goes down",
  Effect.gen(function* () {
    const spec = yield* decodeTree(root([sleeper("a")]))
    const { kernel, control, booted } = yield* launch(spec, { seed: 1 })
    yield* Effect.scoped(metrics(kernel)) // this one has ended, and counts nothing
    yield* metrics(kernel)
    yield* booted
    const exit = { _tag: "Unhealthy", probe: "http", failures: 1, because: "answered 503" } as const
    kernel.send({ _tag: "Convicted", path: at("a"), incarnation: 1, exit })
    yield* upAs(control, at("a"), 2)
    expect((yield* counted)[`convictions_total ${rootPath}`]).toBe(1)
    expect((yield* counted)[`exits_total ${rootPath}`]).toBe(1)
    const all = new Map((yield* Metric.snapshot).map((metric) => [metric.id, metric]))
    expect(all.get("supervise_convictions_total")).toMatchObject({
      description: "Children that were stopped because they hung or were unhealthy.",
      state: { incremental: true }
    })
    expect([...all.keys()].filter((id) => !id.startsWith("supervise_"))).toEqual([])
  }).pipe(alone)
)
