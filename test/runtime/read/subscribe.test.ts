/** What subscribers see, and that trees do not disturb each other. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { constant, decodeTree, layerNode, run, supervisor, worker } from "supervise"
import { expect } from "vitest"
import { subscribe } from "../../../src/runtime/read/subscribe.ts"
import type { TreeEvent } from "../../../src/runtime/read/TreeEvent.ts"
import { launch } from "../launched.ts"
import { living, rootPath } from "../processes.ts"
import { at, root, shell, sleeper, story, when } from "../tree.ts"

story(
  "a subscriber sees that a wait was cancelled",
  Effect.gen(function* () {
    const slow = constant({ delay: "1 hour" })
    const control = yield* run(root([worker({ id: "a", start: ["sh", "-c", "sleep 0.05; exit 1"], backoff: slow })]))
    yield* when(control, at("a"), ({ phase }) => phase === "backoff")
    yield* Effect.forkChild(control.terminateChild(at("a")))
    const phases = control.changes.pipe(
      Stream.filter(({ path }) => path === at("a")),
      Stream.map(({ node }) => node?.phase),
      Stream.takeUntil((phase) => phase === "down"),
      Stream.runCollect
    )
    expect((yield* phases).at(-1)).toBe("down")
  })
)

story(
  "a leader that ends before its group is reported at once",
  Effect.gen(function* () {
    const left = "(trap '' TERM; exec sleep 1000) & sleep 0.1; exit 7"
    const control = yield* run(root([shell("a", left, { shutdown: "infinity", restart: "transient" })]))
    const [ended] = yield* control.events.pipe(
      Stream.filter((event) => event._tag === "LeaderEnded"),
      Stream.take(1),
      Stream.runCollect
    )
    expect(ended).toMatchObject({ path: at("a"), code: 7 })
    yield* control.signal(at("a"), "SIGKILL", "group")
  })
)

story(
  "two trees under one layer, one of them twice: each has a spawner of its own",
  Effect.gen(function* () {
    const tree = root([sleeper("a")])
    const once = Effect.scoped(Effect.flatMap(run(tree), (control) => control.restart(at("a"))))
    expect(yield* once).toEqual({ path: at("a"), incarnation: 2 })
    expect(yield* once).toEqual({ path: at("a"), incarnation: 2 })
    const first = yield* run(tree)
    const second = yield* run({ ...tree, id: `${tree.id}-2` })
    expect(yield* first.restart(at("a"))).toMatchObject({ incarnation: 2 })
    expect(yield* second.restart(`${rootPath}-2/a`)).toMatchObject({ incarnation: 2 })
    expect(living().length).toBeGreaterThanOrEqual(2)
  }).pipe(Effect.provide(layerNode))
)

story(
  "a closed subscription gets no more events",
  Effect.gen(function* () {
    const { kernel, control, booted } = yield* launch(yield* decodeTree(root([sleeper("a")])), { seed: 1 })
    yield* booted
    const seen: Array<TreeEvent["_tag"]> = []
    const see = ({ _tag }: TreeEvent): undefined => void seen.push(_tag)
    yield* Effect.scoped(Effect.andThen(subscribe(kernel, see), control.restart(at("a"))))
    expect(seen).toContain("Started")
    const before = seen.length
    yield* control.restart(at("a"))
    expect(seen.length).toBe(before)
  })
)

/** A kernel of which a test says what happens. */
function teller(text: string) {
  let tell = (_: TreeEvent): void => {}
  let seq = 0
  const kernel = {
    state: { rootPath, record: { incarnation: 1 }, supervisors: new Map([[rootPath, {}]]) },
    observe: ({ told }: { readonly told: (event: TreeEvent) => void }) => {
      tell = told
      return () => {}
    }
  } as unknown as Parameters<typeof subscribe>[0]
  const about = (path = rootPath) => ({ path, incarnation: path === rootPath ? 1 : 7, seq: ++seq, at: 0 })
  return {
    kernel,
    line: (path?: string): void => tell({ _tag: "Line", ...about(path), stream: "stdout", text, continues: false }),
    event: (_tag: "Idle" | "Ended"): void => tell({ _tag, ...about() } as unknown as TreeEvent)
  }
}

story(
  "beyond 1,024 unread events lines are dropped, and counted where they are missing",
  Effect.gen(function* () {
    const { kernel, line, event } = teller("é")
    const unread = yield* subscribe(kernel, (event) => (event._tag === "Dropped" ? [event.lines, event.bytes] : event._tag))
    for (let n = 0; n < 1_030; n++) line()
    event("Ended")
    const seen = yield* Stream.runCollect(unread)
    expect(seen.filter((one) => one === "Line")).toHaveLength(1_025)
    expect(seen.slice(1_025)).toEqual([[5, 10], "Ended"])
  })
)

story(
  "a megabyte of unread text may wait, and not a letter more",
  Effect.gen(function* () {
    const { kernel, line, event } = teller("x".repeat(16_384))
    const unread = yield* subscribe(kernel, ({ _tag }) => _tag)
    for (let n = 0; n < 64; n++) line()
    event("Idle")
    expect(yield* Stream.runCollect(Stream.take(unread, 65))).toEqual([...Array(64).fill("Line"), "Idle"])
    const more = teller("x".repeat(16_385))
    const dropped = yield* subscribe(more.kernel, ({ _tag }) => _tag)
    for (let n = 0; n < 64; n++) more.line()
    more.event("Idle")
    expect(yield* Stream.runCollect(Stream.take(dropped, 65))).toEqual([...Array(63).fill("Line"), "Dropped", "Idle"])
  })
)

story(
  "lines of several workers that were dropped are counted for the root",
  Effect.gen(function* () {
    const { kernel, line, event } = teller("x".repeat(1_000_000))
    const unread = yield* subscribe(kernel, (event) =>
      event._tag === "Dropped" ? [event.path, event.incarnation, event.lines] : event._tag
    )
    line("/r/a")
    line("/r/a")
    line("/r/b")
    event("Ended")
    expect(yield* Stream.runCollect(unread)).toEqual(["Line", [rootPath, 1, 2], "Ended"])
  })
)

story(
  "beyond a megabyte of unread text lines are dropped, too",
  Effect.gen(function* () {
    const { kernel, line, event } = teller("x".repeat(60_000))
    const unread = yield* subscribe(kernel, (event) => (event._tag === "Dropped" ? [event.lines, event.bytes] : event._tag))
    for (let n = 0; n < 18; n++) line()
    event("Ended")
    expect(yield* Stream.runCollect(unread)).toEqual([...Array(17).fill("Line"), [1, 60_000], "Ended"])
  })
)

story(
  "what was read no longer counts as unread",
  Effect.gen(function* () {
    const { kernel, line, event } = teller("x".repeat(1_000_000))
    const unread = yield* subscribe(kernel, (event) => event._tag)
    line()
    let lines = 1
    const seen = yield* Stream.runCollect(
      Stream.tap(unread, () =>
        Effect.sync(() => {
          if (lines++ < 5) line()
          else event("Ended")
        })
      )
    )
    expect(seen).toEqual([...Array(5).fill("Line"), "Ended"])
  })
)

story(
  "events that were lost because nobody read them no longer count as unread",
  Effect.gen(function* () {
    const lines = 17
    const { kernel, line, event } = teller("x".repeat(60_000))
    const unread = yield* subscribe(kernel, (event) => event._tag)
    for (let n = 0; n < lines; n++) line()
    for (let n = 0; n < 16_384; n++) event("Idle")
    const seen: Array<string> = []
    const reading = yield* Effect.forkChild(
      Stream.runForEach(unread, (tag) =>
        Effect.sync(() => {
          // All that is unread are events without text.
          if (seen.push(tag) === 16_384) for (let n = 0; n < lines; n++) line()
          if (seen.length === 16_384) event("Ended")
        })
      )
    )
    yield* Fiber.join(reading)
    expect(Object.fromEntries(Object.entries(Object.groupBy(seen, (tag) => tag)).map(([tag, all = []]) => [tag, all.length]))).toEqual({
      Idle: 16_384,
      Line: lines,
      Ended: 1
    })
  })
)

story(
  "why says since when the operator has kept a child down, and not since when before",
  Effect.gen(function* () {
    const control = yield* run(root([sleeper("a"), sleeper("b")]))
    yield* control.stop(at("a"))
    yield* control.start(at("a"))
    for (const id of ["a", "b"]) {
      yield* Effect.sleep(5) // so that the times differ
      yield* control.stop(at(id))
    }
    const holds = (yield* control.recent).filter(({ _tag }) => _tag === "Hold").map(({ at }) => at)
    expect(new Set(holds).size).toBe(3)
    expect((yield* control.why(at("a"))).holdSince).toBe(holds[1])
  })
)

story(
  "why of something two levels below a supervisor that is down tells of that supervisor",
  Effect.gen(function* () {
    const inner = supervisor({ id: "inner", children: [sleeper("a")] })
    const control = yield* run(root([supervisor({ id: "outer", children: [inner] }), sleeper("b")]))
    yield* when(control, at("outer"), ({ phase }) => phase === "up")
    yield* control.stop(at("outer"))
    const why = yield* control.why(at("outer", "inner", "a"))
    expect([why.node, why.above?.path]).toEqual([undefined, at("outer")])
  })
)
