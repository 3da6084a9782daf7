import { execFile } from "node:child_process"
import { promisify } from "node:util"
import * as Effect from "effect/Effect"
import { expect, it } from "vitest"
import { layerNode, Spawners } from "../../src/leaf/Spawners.ts"
import { eventually, fixture, living, prefix, recorder } from "./LeafRecorder.ts"
import { contract, spawnerName } from "./testedSpawners.ts"

const run = promisify(execFile)

contract("commands", () => {
  it("start an incarnation once", async () => {
    const w = recorder()
    for (let i = 0; i < 3; i++) w.spawn(["sleep", "1000"])
    await w.event("Spawned")
    w.spawn(["sleep", "1000"])
    w.stop()
    await w.event("Exited")
    w.spawn(["sleep", "1000"])
    w.spawner.acknowledge(Number.POSITIVE_INFINITY)
    w.spawn(["sleep", "1000"])
    w.spawn(["sleep", "1000"], { incarnation: 2 })
    await w.event("Spawned", ({ incarnation }) => incarnation === 2)
    expect(w.tags()).toEqual(["Spawned", "Ready", "Exited", "Spawned", "Ready"])
  })

  it("never start two incarnations side by side", async () => {
    const w = recorder()
    w.spawn(["sleep", "1000"])
    const { pid } = await w.event("Spawned")
    w.spawn(["sleep", "1000"], { incarnation: 2 })
    w.spawn(["sleep", "1000"], { incarnation: 2 })
    expect(await w.event("NotStarted")).toMatchObject({
      incarnation: 2,
      errno: "BUSY",
      message: `its incarnation 1 (pid ${pid}) has not ended yet, and two incarnations never run at the same time`
    })
    w.stop()
    await w.event("Exited")
    w.spawn(["sleep", "1000"], { incarnation: 2 })
    w.spawn(["sleep", "1000"], { incarnation: 3 })
    await w.event("Spawned", ({ incarnation }) => incarnation === 3)
    expect(w.tags()).toEqual(["Spawned", "Ready", "NotStarted", "Exited", "Spawned", "Ready"])
  })

  it("may stop an incarnation before its turn to start", async () => {
    const w = recorder()
    w.spawn(["sleep", "1000"])
    w.stop()
    expect(await w.event("NotStarted")).toMatchObject({ errno: "STOPPED", message: "it was stopped before it was started" })
    w.spawn(["true"], { incarnation: 2 })
    await w.event("Exited")
    expect(w.tags()).toEqual(["NotStarted", "Spawned", "Ready", "Exited"])
  })

  it("start nothing after killAll", async () => {
    const w = recorder()
    w.spawn(["sleep", "1000"])
    await w.event("Spawned")
    w.spawn(["sleep", "1000"], { path: `${w.path}-b` })
    w.spawner.killAll()
    w.spawn(["sleep", "1000"], { path: `${w.path}-c` })
    expect(await w.event("NotStarted", ({ path }) => path.endsWith("-b"))).toMatchObject({ errno: "CLOSED" })
    expect(await w.event("NotStarted", ({ path }) => path.endsWith("-c"))).toMatchObject({ errno: "CLOSED" })
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGKILL" })
    expect(living(w.path)).toEqual([])
  })
})

contract("a thousand leaves", () => {
  const SIZE = 1_000

  it("start in order and stop, the event loop keeps turning, and nothing is left", async () => {
    const w = recorder()
    const started: Array<number> = []
    let exited = 0
    w.spawner.attach((event) => {
      w.spawner.acknowledge(event.n)
      if (event._tag === "Spawned") started.push(Number(event.path.split("-").at(-1)))
      if (event._tag === "Exited") exited++
    })
    for (let i = 0; i < SIZE; i++) w.spawn(["sleep", "1000"], { path: `${w.path}-${i}` })
    expect(started).toEqual([])
    const seen = new Set<number>()
    await eventually("all are started", () => seen.add(started.length).has(SIZE))
    expect(seen.size).toBeGreaterThan(2) // none, all, and some in between: the event loop turned
    expect(started).toEqual(Array.from({ length: SIZE }, (_, i) => i))
    for (let i = 0; i < SIZE; i++) w.spawner.stop({ path: `${w.path}-${i}`, incarnation: 1 }, 5_000)
    await eventually("all have ended", () => exited === SIZE)
    expect(living(w.path)).toEqual([])
    expect(w.spawner.kept()).toEqual({ events: 0, bytes: 0 })
  })
})

contract("a spawner", () => {
  for (const [way, code] of [
    ["exit", 3],
    ["throw", 1],
    ["reject", 1],
    ["close", 0]
  ] as const) {
    it(`leaves no process behind when its own ends by ${way}`, async () => {
      const path = `${prefix}/parent-${way}`
      const ended = await run(process.execPath, [fixture("parent.ts"), spawnerName(), path, way]).catch((error: { code: number }) => error)
      expect("code" in ended ? ended.code : 0).toBe(code)
      await eventually("nothing of it is left", () => living(path).length === 0)
      if (way === "close") expect((ended as { stdout: string }).stdout.trim()).toBe("0")
    })
  }

  it("is a layer, and kills its leaves with its scope", async () => {
    const path = `${prefix}/layer`
    const program = Effect.gen(function* () {
      const { make } = yield* Spawners
      const spawner = yield* make
      yield* Effect.callback<void>((resume) => {
        spawner.attach((event) => event._tag === "Ready" && resume(Effect.void))
        const { leaf } = recorder(false)
        spawner.spawn({
          ...leaf,
          path,
          argv: ["sleep", "1000"],
          cwd: "/",
          env: {},
          ready: { type: "spawned" },
          stdin: "null",
          stopSignal: "SIGTERM",
          stopTo: "group",
          shutdown: 5_000
        })
      })
      return living(path).length
    })
    expect(await Effect.runPromise(Effect.provide(Effect.scoped(program), layerNode))).toBe(1)
    await eventually("its process has ended", () => living(path).length === 0)
  })

  it("reports that descriptors have run out, and goes on", async () => {
    const node = `ulimit -n 64; exec "$0" "$@"`
    const { stdout } = await run("sh", ["-c", node, process.execPath, fixture("crowd.ts"), spawnerName(), `${prefix}/files`, "40"])
    const outcomes: ReadonlyArray<string> = JSON.parse(stdout)
    expect(outcomes).toHaveLength(40)
    expect(outcomes[0]).toBe("Spawned")
    expect(outcomes.at(-1)).toBe(
      "EMFILE the supervisor has too many open files (see `ulimit -n`; every process with captured output takes two)"
    )
    await eventually("nothing of it is left", () => living(`${prefix}/files`).length === 0)
  })

  // Root has no limit on processes, so it becomes another user first.
  it.runIf(process.getuid?.() === 0)("reports that processes have run out, and goes on", async () => {
    const reads = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"] // the project may be where only root may read
    const otherUser = ["--reuid", "54321", "--regid", "54321", "--clear-groups", ...reads]
    const limited = ["prlimit", "--nproc=25", process.execPath, fixture("crowd.ts"), spawnerName(), `${prefix}/processes`, "40"]
    const { stdout } = await run("setpriv", [...otherUser, ...limited])
    const outcomes: ReadonlyArray<string> = JSON.parse(stdout)
    expect(outcomes).toHaveLength(40)
    expect(outcomes[0]).toBe("Spawned")
    expect(outcomes.at(-1)).toMatch(/^EAGAIN the limit on processes is reached/)
    await eventually("nothing of it is left", () => living(`${prefix}/processes`).length === 0)
  })
})
