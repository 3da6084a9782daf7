/** The kernel with a fake spawner: the commands it gets, and the events it sends. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import {
  adaptive,
  type Control,
  constant,
  decodeTree,
  exec,
  fd,
  http,
  type LeafEvent,
  line,
  log,
  run,
  type SpawnCommand,
  type Spawner,
  Spawners,
  supervisor,
  tcp,
  worker
} from "supervise"
import { describe, expect, it } from "vitest"
import { type Clock, systemClock } from "../../../src/leaf/os/Clock.ts"
import { makeKernel } from "../../../src/runtime/kernel/Kernel.ts"
import { makeControl } from "../../../src/runtime/read/Control.ts"

type Told = LeafEvent extends infer E ? (E extends LeafEvent ? Omit<E, "n" | "at"> : never) : never

/** Spawns nothing: it records every command, and sends the events that a test wants. */
function player() {
  let sink: (event: LeafEvent) => void = () => {}
  let n = 0
  const heard: Array<string> = []
  const commands: Array<SpawnCommand> = []
  /** Whether output is wanted, each time that this has changed. */
  const wanted: Array<boolean> = []
  let broken: string | undefined
  const tell = (event: Told): void => sink({ ...event, n: ++n, at: systemClock.now() } as LeafEvent)
  const spawner: Spawner = {
    attach: (given) => {
      sink = given
    },
    acknowledge: (last) => void heard.push(`acknowledged ${last}`),
    onBeats: () => {},
    wantOutput: (isWanted) => {
      if (isWanted !== wanted.at(-1)) wanted.push(isWanted)
    },
    spawn: (command) => {
      if (broken !== undefined) throw new Error(broken)
      commands.push(command)
      const { path, incarnation } = command
      heard.push(`spawn ${path}#${incarnation}`)
      tell({ _tag: "Spawned", path, incarnation, pid: 1000 + incarnation, startTime: 1 })
      tell({ _tag: "Ready", path, incarnation })
    },
    signal: (_leaf, _signal, _to, sent) => sent(true),
    stop: ({ path, incarnation }, how) => {
      heard.push(`stop ${path}#${incarnation} ${how}`)
      tell({ _tag: "Exited", path, incarnation, code: undefined, signal: "SIGTERM" })
    },
    killAll: () => void heard.push("killed all")
  }
  const breaks = (why: string): void => {
    broken = why
  }
  return {
    heard,
    commands,
    wanted,
    tell,
    breaks,
    spawner,
    last: () => n,
    layer: Layer.succeed(Spawners, { make: Effect.succeed(spawner) })
  }
}

const tree = supervisor({ id: "r", children: [worker({ id: "a", start: ["a"], cwd: "below", env: { X: "1" } })] })

/** Calls go through the same queue: when the second one is answered, the batch of the first one is done. */
const folded = (control: Control["Service"]) => Effect.repeat(control.countChildren("/r"), { times: 1 })

describe("the kernel", () => {
  const story = (name: string, tell: (played: ReturnType<typeof player>) => Effect.Effect<unknown, unknown, never>) =>
    it(name, () => {
      const played = player()
      return Effect.runPromise(tell(played) as Effect.Effect<unknown>)
    })

  story("passes the whole command, in the folder of the tree", (played) =>
    Effect.scoped(run(tree, { folder: "/somewhere" })).pipe(
      Effect.provide(played.layer),
      Effect.andThen(
        Effect.sync(() =>
          expect(played.commands).toEqual([
            expect.objectContaining({
              path: "/r/a",
              incarnation: 1,
              argv: ["a"],
              cwd: "/somewhere/below",
              env: { X: "1", SUPERVISE_SUPERVISOR: expect.any(String) },
              shutdown: 5000
            })
          ])
        )
      )
    )
  )

  story("counts its events from 1", (played) =>
    Effect.gen(function* () {
      const options = { spawner: played.spawner, clock: systemClock, folder: "/", seed: 0 }
      const kernel = yield* makeKernel(yield* decodeTree(tree), options)
      const numbers: Array<number> = []
      kernel.observe({ told: ({ seq }) => numbers.push(seq) })
      kernel.send({ _tag: "Boot" })
      yield* kernel.call("/r", { _tag: "countChildren" })
      expect(numbers.slice(0, 2)).toEqual([1, 2])
    }).pipe(Effect.scoped)
  )

  story("says which workers have commands beside them, as checks", (played) =>
    Effect.gen(function* () {
      const check = exec(["true"])
      const children = [
        worker({ id: "none", start: ["a"], health: [tcp(1), http("http://localhost/")], heartbeat: { every: "1s" } }),
        worker({ id: "ready", start: ["a"], ready: check }),
        worker({ id: "health", start: ["a"], health: [tcp(1), check] }),
        worker({ id: "beat", start: ["a"], heartbeat: { every: "1s", from: check } })
      ]
      yield* run(supervisor({ id: "r", bootConcurrency: 4, children }))
      expect(played.commands.map(({ path, hasCommands }) => [path, hasCommands])).toEqual([
        ["/r/none", undefined],
        ["/r/ready", true],
        ["/r/health", true],
        ["/r/beat", true]
      ])
    }).pipe(Effect.scoped, Effect.provide(played.layer))
  )

  story("wants output while something wants it, and says of each worker whether its own lines are needed", (played) =>
    Effect.gen(function* () {
      const needing = [
        worker({ id: "plain", start: ["a"] }),
        worker({ id: "ready", start: ["a"], ready: line("up") }),
        worker({ id: "says", start: ["a"], ready: fd(3) }),
        worker({ id: "probed", start: ["a"], ready: fd(3), health: log("tick", { maxAge: "1 hour" }) }),
        worker({ id: "beats", start: ["a"], heartbeat: { from: line("tick"), every: "1 hour" } })
      ]
      const control = yield* run(supervisor({ id: "r", bootConcurrency: 9, children: needing }))
      expect(played.commands.map(({ path, output }) => [path.slice(3), output])).toEqual([
        ["plain", undefined],
        ["ready", "untilReady"],
        ["says", "untilReady"],
        ["probed", "always"],
        ["beats", "always"]
      ])
      expect(played.wanted).toEqual([false])
      const quiet = control.observe(() => {}, { output: false })
      yield* Stream.runHead(control.changes)
      yield* Stream.runHead(control.historyWithoutOutput)
      expect(played.wanted).toEqual([false])
      const [one, other] = [control.observe(() => {}), control.observe(() => {})]
      one()
      one()
      expect(played.wanted).toEqual([false, true])
      other()
      quiet()
      expect(played.wanted).toEqual([false, true, false])
      for (const stream of [control.events, control.history]) {
        const first = yield* Effect.forkChild(Stream.runHead(Stream.filter(stream, ({ _tag }) => _tag === "Line")), {
          startImmediately: true
        })
        yield* folded(control)
        expect(played.wanted.at(-1)).toBe(true)
        played.tell({ _tag: "Line", path: "/r/plain", incarnation: 1, stream: "stdout", text: "hello", continues: false })
        expect(yield* Fiber.join(first)).toMatchObject({ value: { text: "hello" } })
        expect(played.wanted.at(-1)).toBe(false)
      }
    }).pipe(Effect.scoped, Effect.provide(played.layer))
  )

  story("keeps what all incarnations of a worker have in common", (played) =>
    Effect.gen(function* () {
      const control = yield* run(tree)
      yield* control.restart("/r/a")
      const [first, second] = played.commands as [SpawnCommand, SpawnCommand]
      expect(second.incarnation).toBe(2)
      expect(second.env).toBe(first.env)
    }).pipe(Effect.scoped, Effect.provide(played.layer))
  )

  story("acknowledges every event when it has been folded, and not before", (played) =>
    Effect.gen(function* () {
      const control = yield* run(tree)
      yield* folded(control)
      expect(played.heard.at(-1)).toBe("acknowledged 2")
      for (let line = 0; line < 3; line++) {
        played.tell({ _tag: "Line", path: "/r/a", incarnation: 1, stream: "stdout", text: `${line}`, continues: false })
      }
      yield* folded(control)
      expect(played.heard.at(-1)).toBe(`acknowledged ${played.last()}`)
    }).pipe(Effect.scoped, Effect.provide(played.layer))
  )

  story("shows a process as long as there is one, and processes that cannot be killed", (played) =>
    Effect.gen(function* () {
      const control = yield* run(tree)
      const leaf = Effect.map(control.snapshot, ({ root }) => root.children![0]!)
      expect(yield* leaf).toMatchObject({ phase: "up", pid: 1001 })
      played.tell({ _tag: "Blocked", path: "/r/a", incarnation: 1, pids: [7, 8] })
      yield* folded(control)
      expect(yield* leaf).toMatchObject({ blocked: [7, 8] })
      yield* control.stop("/r/a")
      const down = yield* leaf
      expect([down.phase, down.pid, down.blocked]).toEqual(["down", undefined, undefined])
    }).pipe(Effect.scoped, Effect.provide(played.layer))
  )

  story("reports output and exit in their order", (played) =>
    Effect.gen(function* () {
      const control = yield* run(tree)
      const seen = yield* Effect.forkChild(control.events.pipe(Stream.take(4), Stream.runCollect))
      yield* folded(control)
      played.tell({ _tag: "Line", path: "/r/a", incarnation: 1, stream: "stderr", text: "last words", continues: false })
      played.tell({ _tag: "Exited", path: "/r/a", incarnation: 1, code: 3, signal: undefined })
      expect((yield* Fiber.join(seen)).map(({ _tag }) => _tag)).toEqual(["Line", "Exited", "RestartCounted", "Backoff"])
    }).pipe(Effect.scoped, Effect.provide(played.layer))
  )

  story("when its scope is closed it folds nothing more, and calls are answered at once", (played) =>
    Effect.gen(function* () {
      const options = { spawner: played.spawner, clock: systemClock, folder: "/", seed: 0 }
      const kernel = yield* Effect.scoped(Effect.flatMap(decodeTree(tree), (decoded) => makeKernel(decoded, options)))
      kernel.send({ _tag: "Boot" })
      expect(yield* kernel.call("/r", { _tag: "countChildren" })).toEqual({ _tag: "Refused", why: { _tag: "NotRunning", path: "/r" } })
      expect(played.commands).toEqual([])
    })
  )

  story("when its scope is closed what is in its queue is not folded either", (played) =>
    Effect.gen(function* () {
      const turns: Array<() => void> = []
      const turned: Clock["turned"] = (then) => {
        turns.push(then)
        return () => {}
      }
      const clock = { ...systemClock, turned }
      const options = { spawner: played.spawner, clock, folder: "/", seed: 0 }
      const kernel = yield* Effect.scoped(
        Effect.tap(
          Effect.flatMap(decodeTree(tree), (decoded) => makeKernel(decoded, options)),
          (kernel) => Effect.sync(() => kernel.send({ _tag: "Boot" }))
        )
      )
      for (const turn of turns) turn()
      expect(turns).toHaveLength(1)
      expect(played.commands).toEqual([])
      expect(kernel.state.record.incarnation).toBe(0)
    })
  )

  story("only a start timeout is told for how long we did not run, and nothing if nobody measures it", (played) =>
    Effect.gen(function* () {
      const crashes = worker({ id: "a", start: ["a"], backoff: constant({ delay: "1 milli" }) })
      const never = worker({ id: "b", start: ["b"], ready: line("never"), startTimeout: "1 milli" })
      const spec = yield* decodeTree(supervisor({ id: "r", boot: "retry", bootConcurrency: 2, children: [crashes, never] }))
      const spawner: Spawner = {
        ...played.spawner,
        spawn: ({ path, incarnation }) => {
          played.heard.push(path)
          played.tell({ _tag: "Spawned", path, incarnation, pid: 1001, startTime: 1 })
          if (path === "/r/a") played.tell({ _tag: "Exited", path, incarnation, code: 1, signal: undefined })
        }
      }
      const wakesWith = (lag: { overlap: () => number } | undefined) =>
        Effect.scoped(
          Effect.gen(function* () {
            const options = { spawner, clock: systemClock, folder: "/", seed: 0, ...(lag && { lag }) }
            const kernel = yield* makeKernel(spec, options)
            const wakes = new Map<string, unknown>()
            kernel.observe({ folded: ({ event }) => event._tag === "Wake" && wakes.set(event.purpose, event.missedMs) })
            kernel.send({ _tag: "Boot" })
            yield* Effect.repeat(Effect.sleep(1), { until: () => wakes.has("startTimeout") && wakes.has("retry") && wakes.size > 2 })
            return [...wakes].toSorted()
          })
        )
      expect(yield* wakesWith({ overlap: () => 7.4 })).toEqual([
        ["backoff", undefined],
        ["retry", undefined],
        ["startTimeout", 7]
      ])
      const timeoutOf = (wakes: ReadonlyArray<readonly [string, unknown]>) => new Map(wakes).get("startTimeout")
      expect(timeoutOf(yield* wakesWith({ overlap: () => 0.5 }))).toBe(1)
      expect(timeoutOf(yield* wakesWith({ overlap: () => 0.4 }))).toBeUndefined()
      expect((yield* wakesWith(undefined)).map(([, missedMs]) => missedMs)).toEqual([undefined, undefined, undefined])
    })
  )

  story("when its scope is closed no timer is left", (played) =>
    Effect.gen(function* () {
      let timers = 0
      const after: Clock["after"] = () => {
        timers++
        return () => void timers--
      }
      const waits = worker({ id: "a", start: ["a"], backoff: constant({ delay: "1 hour" }) })
      const options = { spawner: played.spawner, clock: { ...systemClock, after }, folder: "/", seed: 0 }
      const make = Effect.flatMap(decodeTree(supervisor({ id: "r", children: [waits] })), (decoded) => makeKernel(decoded, options))
      yield* Effect.scoped(
        Effect.gen(function* () {
          const kernel = yield* make
          kernel.send({ _tag: "Boot" })
          yield* kernel.call("/r", { _tag: "countChildren" })
          played.tell({ _tag: "Exited", path: "/r/a", incarnation: 1, code: 1, signal: undefined })
          yield* kernel.call("/r", { _tag: "countChildren" })
          expect(timers).toBe(1)
        })
      )
      expect(timers).toBe(0)
    })
  )

  story("the clock of the tree shows whole milliseconds that have passed", (played) =>
    Effect.gen(function* () {
      let now = 1000.75
      const options = { spawner: played.spawner, clock: { ...systemClock, now: () => now }, folder: "/", seed: 0 }
      const kernel = yield* makeKernel(yield* decodeTree(tree), options)
      const passed = [0.25, 0.5, 0.5, 0.5].map((ms) => {
        now += ms
        return kernel.now()
      })
      expect(passed).toEqual([0, 0, 1, 1])
    }).pipe(Effect.scoped)
  )

  story("asks how long we did not run between the start of a process and its timeout, on the clock of the machine", (played) =>
    Effect.gen(function* () {
      const never = worker({ id: "a", start: ["a"], ready: line("never"), startTimeout: "20ms" })
      const asked: Array<readonly [from: number, to: number]> = []
      const lag = {
        overlap: (from: number, to: number) => {
          asked.push([from, to])
          return 0
        }
      }
      const options = { spawner: { ...played.spawner, spawn: () => {} }, clock: systemClock, folder: "/", seed: 0, lag }
      const kernel = yield* makeKernel(yield* decodeTree(supervisor({ id: "r", boot: "retry", children: [never] })), options)
      const wakes: Array<unknown> = []
      kernel.observe({ folded: ({ event }) => void (event._tag === "Wake" && wakes.push(event)) })
      kernel.send({ _tag: "Boot" })
      const from = systemClock.now()
      yield* kernel.call("/r", { _tag: "countChildren" })
      played.tell({ _tag: "Spawned", path: "/r/a", incarnation: 1, pid: 1001, startTime: 1 })
      yield* Effect.repeat(Effect.sleep(5), { until: () => asked.length > 0 })
      const [[since, until]] = asked as [readonly [number, number]]
      expect(since).toBeGreaterThanOrEqual(from - 1)
      expect(until).toBeGreaterThan(since)
      expect(until).toBeLessThanOrEqual(systemClock.now() + 1)
      yield* kernel.call("/r", { _tag: "countChildren" })
      expect(wakes).toContainEqual({ _tag: "Wake", path: "/r/a", incarnation: 1, purpose: "startTimeout" })
    }).pipe(Effect.scoped)
  )

  story("the pressure of the machine is read only for what is paced by it", (played) =>
    Effect.gen(function* () {
      const paced = worker({ id: "b", start: ["b"], backoff: adaptive({ min: "1 hour", max: "2 hours" }) })
      const both = supervisor({ id: "r", children: [worker({ id: "a", start: ["a"] }), paced] })
      const kernel = yield* makeKernel(yield* decodeTree(both), { spawner: played.spawner, clock: systemClock, folder: "/", seed: 0 })
      const folded: Array<readonly [event: string, path: string | undefined, hasPressure: boolean]> = []
      kernel.observe({
        folded: ({ event }) => folded.push([event._tag, "path" in event ? event.path : undefined, "pressure" in event])
      })
      kernel.send({ _tag: "Boot" })
      yield* kernel.call("/r", { _tag: "countChildren" })
      for (const path of ["/r/a", "/r/b"]) played.tell({ _tag: "Exited", path, incarnation: 1, code: 1, signal: undefined })
      yield* kernel.call("/r", { _tag: "countChildren" })
      expect(folded.filter(([, , hasPressure]) => hasPressure)).toEqual([["Exited", "/r/b", true]])
      expect(folded).toContainEqual(["Exited", "/r/a", false])
    }).pipe(Effect.scoped)
  )

  story("answers calls, ends all streams and dies with the cause when it is broken; also for calls that come later", (played) =>
    Effect.gen(function* () {
      const kernel = yield* makeKernel(yield* decodeTree(tree), { spawner: played.spawner, clock: systemClock, folder: "/", seed: 0 })
      const control = makeControl(kernel, played.spawner)
      kernel.send({ _tag: "Boot" })
      yield* folded(control)
      kernel.observe({
        told: () => {
          if (played.heard.includes("killed all")) throw new Error("this observer does not survive it")
        }
      })
      const watched = [Stream.runCount(control.events), Stream.runCount(control.changes), Stream.runCount(control.history)]
      const streams = yield* Effect.forkChild(Effect.all(watched, { concurrency: "unbounded" }), { startImmediately: true })
      const order = yield* Effect.forkChild(Effect.flip(control.restart("/r/a")), { startImmediately: true })
      played.breaks("on purpose")
      expect(yield* Effect.catchDefect(control.ended, Effect.succeed)).toEqual(new Error("on purpose"))

      expect(played.heard.at(-1)).toBe("killed all")
      expect((yield* Fiber.join(order)).message).toBe("/r does not run at present.")
      expect((yield* Fiber.join(streams)).map((told) => told > 0)).toEqual([true, true, true])
      expect((yield* Effect.flip(control.countChildren("/r"))).message).toBe("/r does not run at present.")
      expect((yield* control.snapshot).root).toMatchObject({ path: "/r", phase: "down" })
      expect((yield* Stream.runCollect(control.history)).at(-1)).toMatchObject({ _tag: "Ended", path: "/r", exit: { _tag: "Killed" } })
      expect(yield* Stream.runCollect(control.events)).toEqual([])
    }).pipe(Effect.scoped)
  )
})
