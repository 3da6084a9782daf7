/** The monitor of a tree, with an invented kernel, spawner and clock. */
import * as Effect from "effect/Effect"
import { decodeTree, exec, supervisor, type WorkerSpec, worker } from "supervise"
import { expect, it } from "vitest"
import type { Event } from "../../../src/core/Event.ts"
import { EventLoopLag } from "../../../src/leaf/EventLoopLag.ts"
import type { ProbeTarget } from "../../../src/leaf/probe/ProbeTarget.ts"
import type { Spawner } from "../../../src/leaf/Spawner.ts"
import type { Host } from "../../../src/leaf/watch/Host.ts"
import { monitor } from "../../../src/runtime/kernel/Monitor.ts"
import type { TreeEvent } from "../../../src/runtime/read/TreeEvent.ts"
import { Loop } from "../../leaf/watch/Loop.ts"

it("what an incarnation has taught about its heartbeats is known to the next one at its path, and to no other", () =>
  Effect.gen(function* () {
    const heartbeat = { every: "100ms", suspect: 3, convict: 8, grace: "200ms" } as const
    const workers = ["a", "b"].map((id) => worker({ id, start: ["true"], heartbeat }))
    const tree = yield* decodeTree(supervisor({ id: "r", children: workers }))
    const children = new Map(tree.type === "pool" ? [] : tree.children.map((spec) => [`/r/${spec.id}`, { spec }]))
    const loop = new Loop()
    const reported: Array<string> = []
    let told = (_: TreeEvent): void => {}
    const kernel = {
      state: { children },
      send: (event: Event) => void reported.push(`${event._tag} ${"path" in event ? event.path : ""}`),
      observe: (observer: { readonly told: typeof told }) => {
        told = observer.told
        return () => {}
      }
    } as unknown as Parameters<typeof monitor>[0]
    let listener: Parameters<Spawner["onBeats"]>[0] | undefined
    yield* monitor(kernel, { onBeats: (given) => void (listener = given) }, "/", loop.lag(EventLoopLag), loop)

    const of = (path: string, incarnation: number) => {
      const tell = (event: object) => told({ path, incarnation, seq: 1, at: 0, ...event } as unknown as TreeEvent)
      return {
        begins: () => {
          tell({ _tag: "Spawned", pid: 4711, startTime: 0 })
          tell({ _tag: "Started" })
        },
        beats: (ms: number, every: number) =>
          Effect.promise(() => {
            loop.comesEvery(every, ms, () => listener!.beat({ path, incarnation }, loop.now(), undefined))
            return loop.turns(ms)
          }),
        exits: () => tell({ _tag: "Exited" })
      }
    }
    const first = of("/r/a", 1)
    first.begins()
    yield* first.beats(2_000, 100)
    yield* first.beats(450, 450)
    expect(reported).toEqual(["Suspected /r/a", "Cleared /r/a"])
    first.exits()
    reported.length = 0
    for (const next of [of("/r/a", 2), of("/r/b", 1)]) {
      next.begins()
      yield* next.beats(500, 100)
      yield* next.beats(340, 340)
      next.exits()
    }
    expect(reported).toEqual(["Suspected /r/b", "Cleared /r/b"])
  }).pipe(Effect.scoped, Effect.runPromise))

/** A kernel of which a test says what happens to the worker at `/r/a`. */
const invented = Effect.fnUntraced(function* (spec: Omit<WorkerSpec, "type" | "id" | "start">) {
  const tree = yield* decodeTree(supervisor({ id: "r", children: [worker({ id: "a", start: ["true"], ...spec })] }))
  const children = new Map(tree.type === "pool" ? [] : tree.children.map((child) => [`/r/${child.id}`, { spec: child }]))
  const sent: Array<Event> = []
  let told = (_: TreeEvent): void => {}
  const kernel = {
    state: { children },
    send: (event: Event) => void sent.push(event),
    observe: (observer: { readonly told: typeof told }) => {
      told = observer.told
      return () => {}
    }
  } as unknown as Parameters<typeof monitor>[0]
  const tell = (_tag: string, incarnation = 1): void =>
    told({ _tag, path: "/r/a", incarnation, pid: 4711, startTime: 0, seq: 1, at: 0 } as unknown as TreeEvent)
  return { kernel, sent, tell }
})

it("of each incarnation it lets go once", () =>
  Effect.gen(function* () {
    const { kernel, tell } = yield* invented({ heartbeat: { every: "1s" } })
    let users = 0
    const measure = (): (() => void) => {
      users++
      return () => void users--
    }
    const lag = { overlap: () => 0, measure } as unknown as EventLoopLag
    yield* monitor(kernel, { onBeats: () => {} }, "/", lag, new Loop())
    for (const incarnation of [1, 2, 3]) {
      tell("Spawned", incarnation)
      expect(users).toBe(1)
      tell("Exited", incarnation)
      tell("Exited", incarnation)
      expect(users).toBe(0)
    }
  }).pipe(Effect.scoped, Effect.runPromise))

it("what it runs for a worker has the stamp of the tree, and the environment and folder of the worker", () =>
  Effect.gen(function* () {
    const { kernel, tell } = yield* invented({ cwd: "below", env: { A: "1" }, health: exec(["true"]) })
    const loop = new Loop()
    const targets: Array<ProbeTarget> = []
    const checker: Host["checker"] = () => (target) => {
      targets.push(target)
      return Promise.resolve(undefined)
    }
    const { now, after, turned, sample, queuedMs } = loop
    const host = { now, after, turned, sample, queuedMs, checker }
    yield* monitor(kernel, { onBeats: () => {} }, "/srv", loop.lag(EventLoopLag), host, { SUPERVISE_SUPERVISOR: "us" })
    tell("Spawned")
    tell("Started")
    yield* Effect.promise(() => loop.turns(1))
    expect(targets[0]).toMatchObject({ path: "/r/a", cwd: "/srv/below", env: { A: "1", SUPERVISE_SUPERVISOR: "us" } })
  }).pipe(Effect.scoped, Effect.runPromise))

it("a process that says that it has failed is convicted", () =>
  Effect.gen(function* () {
    const { kernel, sent } = yield* invented({})
    let listener: Parameters<Spawner["onBeats"]>[0] | undefined
    yield* monitor(kernel, { onBeats: (given) => void (listener = given) }, "/", new EventLoopLag())
    listener!.failed({ path: "/r/a", incarnation: 3 })
    const exit = { _tag: "Unhealthy", probe: "watchdog", failures: 1, because: "it has sent WATCHDOG=trigger" }
    expect(sent).toEqual([{ _tag: "Convicted", path: "/r/a", incarnation: 3, exit }])
  }).pipe(Effect.scoped, Effect.runPromise))
