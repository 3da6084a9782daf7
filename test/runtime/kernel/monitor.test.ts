/** The monitor of a tree, with an invented kernel, spawner and clock. */
import * as Effect from "effect/Effect"
import { decodeTree, supervisor, worker } from "supervise"
import { expect, it } from "vitest"
import type { Event } from "../../../src/core/Event.ts"
import { EventLoopLag } from "../../../src/leaf/EventLoopLag.ts"
import type { Spawner } from "../../../src/leaf/Spawner.ts"
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
