/** Embedding: a tree of real processes that runs as long as a scope. */
import { execFileSync } from "node:child_process"
import { existsSync, readlinkSync, realpathSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Change, Control, fd, layer, line, type Node, pool, run, supervisor, type TreeEvent, type WorkerSpec } from "supervise"
import { expect } from "vitest"
import { environment, isAlive, living, pidOf, rootId, rootPath, signal, temporaryFolder } from "../runtime/processes.ts"
import { at, flatten, node, nodes, outline, root, sentence, shell, sleeper, soon, story, upAs, when } from "../runtime/tree.ts"

const paths = () =>
  living()
    .map(({ path }) => path)
    .sort()

// ---------------------------------------------------------------- boot

story(
  "answers when every child is ready, each started after the one before was ready",
  Effect.gen(function* () {
    const folder = temporaryFolder()
    const spec = root([
      shell("db", "echo starting; sleep 0.2; touch db; echo ready; exec sleep 1000", { ready: line("^ready") }),
      shell("migrate", "test -e db && sleep 0.1 && touch migrated", { restart: "transient", ready: "exited" }),
      shell("cache", 'test -e migrated && touch cached && echo >&"$SUPERVISE_FD"; exec sleep 1000', { ready: fd() }),
      shell("web", "test -e cached || exit 1; exec sleep 1000")
    ])
    const control = yield* run(spec, { folder })
    expect(existsSync(join(folder, "cached"))).toBe(true)
    expect(yield* outline(control)).toEqual(["db up 1", "migrate down 1", "cache up 1", "web up 1"])
    expect((yield* node(control, at("migrate"))).lastExit).toEqual({ _tag: "Code", code: 0 })
    for (const { path, pid, type } of yield* nodes(control)) {
      expect(pid !== undefined && isAlive(pid), path).toBe(type === "worker" && path !== at("migrate"))
    }
  })
)

story(
  "gives each worker its folder, its environment, and its name",
  Effect.gen(function* () {
    const folder = realpathSync(temporaryFolder())
    const spec = root([
      sleeper("plain"),
      sleeper("changed", { cwd: "/", env: { GREETING: "hello = world", PATH: process.env.PATH!, HOME: null } }),
      sleeper("named", { ready: "spawned", env: { SUPERVISE_PATH: "/elsewhere", SUPERVISE_INCARNATION: "99" } })
    ])
    const control = yield* run(spec, { folder })
    const seen = (id: string) =>
      Effect.map(node(control, at(id)), ({ pid }) => ({
        cwd: readlinkSync(`/proc/${pid}/cwd`),
        env: Object.fromEntries(environment(pid!))
      }))
    const [plain, changed, named] = yield* Effect.all([seen("plain"), seen("changed"), seen("named")])
    expect(plain.cwd).toBe(folder)
    expect(plain.env).toMatchObject({
      SUPERVISE_PATH: at("plain"),
      SUPERVISE_INCARNATION: "1",
      PATH: process.env.PATH,
      HOME: process.env.HOME
    })
    expect(plain.env.SUPERVISE_FD).toBe(undefined)
    expect(changed.cwd).toBe("/")
    expect(changed.env).toMatchObject({ GREETING: "hello = world" })
    expect("HOME" in changed.env).toBe(false)
    expect(named.env).toMatchObject({ SUPERVISE_PATH: at("named"), SUPERVISE_INCARNATION: "1" })
  })
)

const failsToBoot = (name: string, child: WorkerSpec, message: RegExp) =>
  story(
    `does not come up, and leaves nothing, when a child ${name}`,
    Effect.gen(function* () {
      const booting = run(root([sleeper("before"), supervisor({ id: "inner", children: [sleeper("deep"), child] }), sleeper("after")]))
      const failed = yield* Effect.flip(booting)
      expect(failed).toMatchObject({ _tag: "BootFailed", path: rootPath })
      const chain = `${rootPath} could not boot, because ${at("inner")} could not boot, because ${at("inner", child.id)} `
      expect(failed.message.slice(0, chain.length)).toBe(chain)
      expect(failed.message.slice(chain.length)).toMatch(message)
      expect(paths()).toEqual([])
    })
  )

failsToBoot(
  "is no program",
  sleeper("nothing", { start: ["no-such-program-anywhere"] }),
  /^could not be started: the command "no-such-program-anywhere" was not found in PATH\.$/
)
failsToBoot("ends before it is ready", shell("hasty", "exit 7", { ready: line("ready") }), /^exited with code 7\.$/)
failsToBoot(
  "is killed before it is ready",
  shell("unlucky", "kill -9 $$", { ready: fd(), restart: "temporary" }),
  /^was killed by SIGKILL\.$/
)
failsToBoot(
  "is not ready in time",
  shell("slow", "exec sleep 1000", { ready: line("ready"), startTimeout: "200ms" }),
  /^was not ready after [\d.]+m?s: no line of its output has matched \/ready\/; it has written nothing\.$/
)

story(
  "rejects an invalid spec with every mistake, and starts nothing",
  Effect.gen(function* () {
    const bad = root([sleeper("a"), sleeper("a"), sleeper("b", { restart: "allways" as never })])
    const failed = yield* Effect.flip(run(bad))
    expect(failed._tag).toBe("BadTree")
    expect(failed.message).toContain("2 problems")
    expect(failed.message).toContain('Did you mean "permanent"?')
    expect(paths()).toEqual([])
  })
)

story(
  "stops everything when the caller gives up during boot",
  Effect.gen(function* () {
    const spec = root([sleeper("first"), shell("never", "exec sleep 1000", { ready: line("ready"), startTimeout: "infinity" })])
    const scope = yield* Scope.make()
    const booting = yield* run(spec).pipe(Scope.provide(scope), Effect.forkScoped)
    while (living(at("never")).length === 0) yield* Effect.sleep("10 millis")
    yield* Fiber.interrupt(booting)
    yield* Scope.close(scope, Exit.void)
    expect(paths()).toEqual([])
  })
)

// ---------------------------------------------------------------- incarnations

story(
  "starts a killed worker again: a new incarnation and a new process, and no other is touched",
  Effect.gen(function* () {
    const control = yield* run(root([sleeper("a"), sleeper("b")]))
    const [before, other] = yield* Effect.all([node(control, at("a")), node(control, at("b"))])
    expect(before.pid).toBe(pidOf(at("a")))
    expect(signal(before.pid!, "SIGKILL")).toBe(true)
    const after = yield* upAs(control, at("a"), 2)
    expect(after.pid).toBe(pidOf(at("a")))
    expect(after.pid).not.toBe(before.pid)
    expect(after.lastExit).toEqual({ _tag: "Signal", signal: "SIGKILL" })
    expect(Object.fromEntries(environment(after.pid!)).SUPERVISE_INCARNATION).toBe("2")
    expect(yield* node(control, at("b"))).toMatchObject({ pid: other.pid, incarnation: 1 })
  })
)

story(
  "keeps each child by its restart type, and remembers how it ended",
  Effect.gen(function* () {
    const control = yield* run(
      root([
        sleeper("permanent"),
        sleeper("transient", { restart: "transient" }),
        sleeper("temporary", { restart: "temporary" }),
        shell("done", "exit 3", { restart: "transient", successCodes: [3] })
      ])
    )
    for (const id of ["transient", "temporary"]) yield* control.signal(at(id), "SIGKILL")
    yield* upAs(control, at("transient"), 2)
    yield* when(control, at("done"), ({ phase }) => phase === "down")
    const all = yield* outline(control)
    expect(all.filter((each) => !each.startsWith("temporary"))).toEqual(["permanent up 1", "transient up 2", "done down 1"])
    yield* Effect.repeat(outline(control), { until: (each) => !each.some((one) => one.startsWith("temporary")) })
    expect(yield* sentence(control.start(at("temporary")))).toBe(`There is no ${at("temporary")} in this tree.`)
  })
)

story(
  "delivers every event in order and without a gap, and output before the exit of its process",
  Effect.gen(function* () {
    const script = 'echo "I am $SUPERVISE_INCARNATION"; echo oops >&2; read line < go; echo last; exit 4'
    const folder = temporaryFolder()
    writeFileSync(join(folder, "go"), "")
    const control = yield* run(root([shell("talker", script), shell("ticker", "while :; do echo tick; sleep 0.05; done")]), { folder })
    const last = (event: TreeEvent) => event._tag === "Spawned" && event.path === at("talker") && event.incarnation >= 4
    const events = yield* control.events.pipe(Stream.takeUntil(last), Stream.runCollect)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => events[0]!.seq + i))
    const begin = events.findIndex((event) => event._tag === "Starting" && event.path === at("talker"))
    const { incarnation } = events[begin] as Extract<TreeEvent, { _tag: "Starting" }>
    const own = events.filter((event) => event.path === at("talker") && "incarnation" in event && event.incarnation === incarnation)
    const texts = own.map((event) => (event._tag === "Line" ? `${event.stream} ${event.text}` : event._tag))
    expect(texts.filter((what) => !what.startsWith("stderr"))).toEqual([
      "Starting",
      "Spawned",
      "Started",
      `stdout I am ${incarnation}`,
      "stdout last",
      "Exited",
      "Backoff"
    ])
    expect(texts).toContain("stderr oops")
  })
)

story(
  "delivers every node first, then each that changes: applying the changes gives the snapshot",
  Effect.gen(function* () {
    const control = yield* run(
      root([
        supervisor({ id: "all", strategy: "OneForAll", intensity: 1000, children: [sleeper("a"), sleeper("b")] }),
        pool({ id: "jobs", size: 3, intensity: 1000, child: sleeper("job") }),
        sleeper("last")
      ])
    )
    const without = ({ children: _, strategy: __, health: ___, ...rest }: Node): Node => rest
    const seen = new Map<string, Node>()
    const watching = yield* Deferred.make<void>()
    const fold = ({ path, node }: Change): void => {
      if (node !== undefined) return void seen.set(path, without(node))
      for (const known of seen.keys()) if (known === path || known.startsWith(`${path}/`)) seen.delete(known)
    }
    const watcher = yield* control.changes.pipe(
      Stream.tap((change) =>
        Effect.andThen(
          Effect.sync(() => fold(change)),
          change.path === rootPath ? Deferred.succeed(watching, undefined) : Effect.void
        )
      ),
      Stream.runDrain,
      Effect.forkScoped
    )
    yield* Deferred.await(watching)
    yield* control.signal(at("all", "a"), "SIGKILL")
    yield* upAs(control, at("all", "b"), 2)
    yield* control.scale(at("jobs"), 1)
    yield* control.startChild(rootPath, sleeper("new"))
    yield* control.stop(at("last"))
    yield* Effect.repeat(outline(control), { until: (all) => all.filter((one) => one.startsWith("jobs/")).length === 1 })
    const snapshot = yield* nodes(control)
    const expected = new Map(snapshot.map((node) => [node.path, without(node)]))
    yield* Effect.repeat(Effect.yieldNow, { until: () => seen.size === expected.size })
    expect(new Map([...seen].sort())).toEqual(new Map([...expected].sort()))
    yield* Fiber.interrupt(watcher)
  })
)

story(
  "delivers to a slow watcher also what changed while it read the first nodes",
  Effect.gen(function* () {
    const control = yield* run(root([sleeper("a"), sleeper("b")]))
    const first = yield* Deferred.make<void>()
    const goOn = yield* Deferred.make<void>()
    const watcher = yield* control.changes.pipe(
      Stream.tap((change) =>
        change.path === rootPath ? Effect.andThen(Deferred.succeed(first, undefined), Deferred.await(goOn)) : Effect.void
      ),
      Stream.takeUntil(({ node }) => node?.path === at("a") && node.incarnation === 2 && node.phase === "up"),
      Stream.runDrain,
      Effect.forkScoped
    )
    yield* Deferred.await(first)
    yield* control.restart(at("a"))
    yield* Deferred.succeed(goOn, undefined)
    yield* Fiber.join(watcher)
  }),
  10_000
)

// ---------------------------------------------------------------- requests

story(
  "keeps a child on hold, whatever is restarted around it, until it is started by hand",
  Effect.gen(function* () {
    const control = yield* run(root([sleeper("a"), sleeper("b"), sleeper("c")], { strategy: "OneForAll" }))
    yield* control.stop(at("b"))
    expect(yield* node(control, at("b"))).toMatchObject({ phase: "down", hold: true })
    expect(living(at("b"))).toEqual([])
    yield* control.stop(at("b")) // stopping twice is allowed
    yield* control.signal(at("a"), "SIGKILL")
    yield* upAs(control, at("c"), 2)
    expect(yield* outline(control)).toEqual(["a up 2", "b down 1", "c up 2"])
    expect(yield* control.start(at("b"))).toEqual({ path: at("b"), incarnation: 2 })
    expect(yield* node(control, at("b"))).toMatchObject({ phase: "up", hold: false, pid: pidOf(at("b")) })
    expect(yield* sentence(control.start(at("b")))).toBe(`${at("b")} runs already, as incarnation 2.`)
  })
)

story(
  "starts a child at once that waits for its backoff",
  Effect.gen(function* () {
    const never = { type: "constant", delay: "1 hour" } as const
    const control = yield* run(root([sleeper("patient", { backoff: never })]))
    yield* control.signal(at("patient"), "SIGKILL")
    yield* when(control, at("patient"), ({ phase }) => phase === "backoff")
    yield* control.start(at("patient"))
    yield* upAs(control, at("patient"), 2)
  })
)

story(
  "restarts a child on request, with those its strategy restarts with it, and counts nothing",
  Effect.gen(function* () {
    const control = yield* run(root([sleeper("a"), sleeper("b"), sleeper("c")], { strategy: "RestForOne", intensity: 0 }))
    const before = yield* nodes(control)
    expect(yield* control.restart(at("b"))).toEqual({ path: at("b"), incarnation: 2 })
    yield* upAs(control, at("c"), 2)
    expect(yield* outline(control)).toEqual(["a up 1", "b up 2", "c up 2"])
    expect((yield* node(control, at("a"))).pid).toBe(before[1]!.pid)
  })
)

story(
  "keeps at most a mebibyte of output for a watcher that does not read, reports what it missed, and goes on",
  Effect.gen(function* () {
    const lines = { first: 200, second: 10 }
    const script = `n=${lines.second}; [ $SUPERVISE_INCARNATION = 1 ] && n=${lines.first} && read line < go
      while [ $n -gt 0 ]; do printf '%060000d\\n' 0; n=$((n-1)); done`
    const folder = temporaryFolder()
    execFileSync("mkfifo", [join(folder, "go")])
    const control = yield* run(root([shell("loud", script, { restart: "transient" })]), { folder })
    const [over, caughtUp, reads] = [yield* Deferred.make<void>(), yield* Deferred.make<void>(), yield* Deferred.make<void>()]
    const seen: Array<TreeEvent> = []
    const hasEnded = (event: TreeEvent, incarnation: number) => event._tag === "Exited" && event.incarnation === incarnation
    const watch = (each: (event: TreeEvent) => Effect.Effect<unknown>) =>
      control.events.pipe(
        Stream.takeUntil((event) => hasEnded(event, 2)),
        Stream.runForEach(each),
        Effect.forkScoped({ startImmediately: true })
      )
    yield* watch((event) => (hasEnded(event, 1) ? Deferred.succeed(over, undefined) : Effect.void))
    const slow = yield* watch((event) => {
      seen.push(event)
      return hasEnded(event, 1) ? Deferred.succeed(caughtUp, undefined) : Deferred.await(reads)
    })
    writeFileSync(join(folder, "go"), "\n")
    yield* Deferred.await(over)
    yield* Deferred.succeed(reads, undefined)
    yield* Deferred.await(caughtUp)
    yield* control.start(at("loud"))
    yield* Fiber.join(slow)

    const kept = (incarnation: number) =>
      seen.filter(({ _tag, ...event }) => _tag === "Line" && "text" in event && event.incarnation === incarnation).length
    const missed = seen.flatMap((event) => (event._tag === "Dropped" ? [event] : []))
    expect(kept(1) * 60_000).toBeLessThan(2 * 1024 * 1024)
    expect(kept(1) + missed.reduce((sum, event) => sum + event.lines, 0)).toBe(lines.first)
    expect(missed.every((gap) => gap.path === at("loud") && gap.incarnation === 1 && gap.bytes === 60_000 * gap.lines)).toBe(true)
    expect(kept(2)).toBe(lines.second)
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map(({ seq }) => seq).sort((a, b) => a - b))
  })
)

story(
  "sends a signal to a worker, or to its whole group",
  Effect.gen(function* () {
    const script = "trap 'echo leader; kill $!; exit 0' USR1; sleep 1000 & while :; do wait; done"
    const control = yield* run(root([shell("traps", script, { restart: "temporary" }), shell("group", "sleep 1000 & wait; exit 5")]))
    yield* control.signal(at("traps"), "SIGUSR1")
    yield* control.signal(at("group"), "SIGINT", "group")
    yield* upAs(control, at("group"), 2)
    expect(yield* sentence(control.signal(at("mail"), "SIGTERM"))).toBe(`There is no ${at("mail")} in this tree.`)
    yield* control.stop(at("group"))
    expect(yield* sentence(control.signal(at("group"), "SIGTERM"))).toBe(`${at("group")} does not run at present.`)
    yield* Effect.repeat(outline(control), { until: (all) => all.length === 1 })
  })
)

story(
  "adds, terminates, restarts and deletes children as OTP does, and refuses by its rules",
  Effect.gen(function* () {
    const control = yield* run(root([sleeper("a")]))
    const b = at("b")
    expect(yield* control.startChild(rootPath, sleeper("b", { shutdown: "3 seconds" }))).toEqual({ path: b, incarnation: 1 })
    expect(pidOf(b)).toBe((yield* node(control, b)).pid)
    expect(yield* control.getChildSpec(b)).toMatchObject({ id: "b", start: ["sleep", "1000"], shutdown: 3000, restart: "permanent" })
    expect(yield* control.whichChildren(rootPath)).toEqual([
      { id: "b", type: "worker", state: "running", incarnation: 1 },
      { id: "a", type: "worker", state: "running", incarnation: 1 }
    ])
    expect(yield* control.countChildren(rootPath)).toMatchObject({ specs: 2, active: 2, supervisors: 0, workers: 2 })

    expect(yield* sentence(control.startChild(rootPath, sleeper("b")))).toBe(`${b} runs already, as incarnation 1.`)
    expect(yield* sentence(control.restartChild(b))).toBe(`${b} runs; stop it first.`)
    expect(yield* sentence(control.deleteChild(b))).toBe(`${b} runs; stop it first.`)
    yield* control.terminateChild(b)
    expect(living(b)).toEqual([])
    expect(yield* sentence(control.startChild(rootPath, sleeper("b")))).toBe(`There is a ${b} already; it does not run at present.`)
    expect(yield* control.restartChild(b)).toEqual({ path: b, incarnation: 2 })
    yield* control.terminateChild(b)
    yield* control.deleteChild(b)
    expect(yield* outline(control)).toEqual(["a up 1"])
    for (const gone of [
      control.getChildSpec(b),
      control.terminateChild(b),
      control.restartChild(b),
      control.deleteChild(b),
      control.stop(b)
    ]) {
      expect(yield* sentence(gone)).toBe(`There is no ${b} in this tree.`)
    }
    // The number goes on, so late events of the first b cannot be mistaken for events of this one.
    expect(yield* control.startChild(rootPath, sleeper("b"))).toEqual({ path: b, incarnation: 3 })
  })
)

story(
  "refuses what a node cannot do, and says why",
  Effect.gen(function* () {
    const control = yield* run(root([sleeper("a"), pool({ id: "jobs", size: 1, max: 2, child: sleeper("job") })]))
    const [a, jobs, nowhere] = [at("a"), at("jobs"), at("nowhere")]
    const refused = Effect.fnUntraced(function* (
      order: Effect.Effect<unknown, { readonly _tag: string; readonly message: string }>,
      why: string
    ) {
      const error = yield* Effect.flip(order)
      expect([error._tag, error.message]).toEqual(["Refused", why])
    })
    yield* refused(control.startChild(a, sleeper("b")), `${a} is a worker: it has no children.`)
    yield* refused(control.startChild(nowhere, sleeper("b")), `There is no ${nowhere} in this tree.`)
    yield* refused(control.countChildren(nowhere), `There is no ${nowhere} in this tree.`)
    yield* refused(control.scale(rootPath, 3), `${rootPath} is not a pool.`)
    yield* refused(control.startInstance(rootPath), `${rootPath} is not a pool.`)
    yield* refused(control.startChild(jobs, sleeper("b")), `${jobs} is a pool: its instances are alike and known by number.`)
    yield* refused(control.deleteChild(`${jobs}/1`), `${jobs} is a pool: its instances are alike and known by number.`)
    yield* refused(control.scale(jobs, 3), `${jobs} may have at most 2 instances.`)
    const ghost = yield* sentence(control.startChild(rootPath, sleeper("ghost", { start: ["no-such-program-anywhere"] })))
    expect(ghost).toBe(`${at("ghost")} could not be started: the command "no-such-program-anywhere" was not found in PATH.`)
    yield* refused(
      control.startChild(rootPath, shell("hasty", "exit 7", { ready: line("ready") })),
      `${at("hasty")} did not start: it exited with code 7.`
    )
    const bad = yield* Effect.flip(control.startChild(rootPath, sleeper("b", { shutdown: "soon" as never })))
    expect(bad._tag).toBe("BadTree")
    expect(yield* outline(control)).toEqual(["a up 1", "jobs up 1", "jobs/1 up 1"])
  })
)

story(
  "scales a pool: numbers are never reused, the newest are removed first, and one more may have arguments of its own",
  Effect.gen(function* () {
    const job = shell("job", 'exec sleep "$@"', { start: ["sleep", "1000"] })
    const control = yield* run(root([pool({ id: "jobs", size: 2, max: 5, child: job })]))
    const jobs = at("jobs")
    yield* control.scale(jobs, 4)
    yield* upAs(control, `${jobs}/4`, 1)
    yield* control.scale(jobs, 1)
    yield* Effect.repeat(outline(control), { until: (all) => all.length === 2 })
    expect(paths()).toEqual([`${jobs}/1`])
    expect(yield* control.startInstance(jobs, ["2000"])).toEqual({ path: `${jobs}/5`, incarnation: 1 })
    expect(living(`${jobs}/5`)).toHaveLength(1)
    yield* control.terminateChild(`${jobs}/5`)
    expect(yield* control.countChildren(jobs)).toMatchObject({ specs: 1, active: 1, supervisors: 0, workers: 1 })
    expect(yield* control.getChildSpec(`${jobs}/job`)).toMatchObject({ id: "job" })
  })
)

// ---------------------------------------------------------------- the end

story(
  "stops in reverse order when the scope closes, and waits until nothing is left",
  Effect.gen(function* () {
    const stopped: Array<string> = []
    const ended = yield* Deferred.make<void>()
    yield* Effect.scoped(
      Effect.gen(function* () {
        const slow = "trap 'sleep 0.2; exit 0' TERM; sleep 1000 & wait"
        const control = yield* run(root([sleeper("a"), supervisor({ id: "s", children: [sleeper("b"), shell("c", slow)] }), sleeper("d")]))
        yield* control.events.pipe(
          Stream.tap((event) =>
            Effect.sync(() => {
              if (event._tag === "Stopped") stopped.push(event.path)
            })
          ),
          Stream.takeUntil(({ _tag }) => _tag === "Ended"),
          Stream.runDrain,
          Effect.andThen(Deferred.succeed(ended, undefined)),
          Effect.forkDetach({ startImmediately: true })
        )
      })
    )
    expect(paths()).toEqual([])
    yield* Deferred.await(ended)
    expect(stopped).toEqual([at("d"), at("s", "c"), at("s", "b"), at("s"), at("a")])
  })
)

story(
  "also stops the tree when the program around it fails",
  Effect.gen(function* () {
    const program = Effect.gen(function* () {
      yield* run(
        root([
          sleeper("a"),
          shell("stubborn", "trap '' TERM; echo deaf; while :; do sleep 0.05; done", { ready: line("deaf"), shutdown: "100ms" })
        ])
      )
      expect(paths().length).toBeGreaterThan(1)
      return yield* Effect.fail("the program")
    })
    expect(yield* Effect.flip(Effect.scoped(program))).toBe("the program")
    expect(paths()).toEqual([])
  })
)

story(
  "runs as long as a layer",
  Effect.gen(function* () {
    const pid = yield* Effect.provide(
      Effect.flatMap(Control, (control) => Effect.map(node(control, at("a")), ({ pid }) => pid!)),
      layer(root([sleeper("a")]))
    )
    expect(isAlive(pid)).toBe(false)
    const failed = yield* Effect.flip(Effect.scoped(Layer.build(layer(root([sleeper("a", { start: ["/nowhere/at/all"] })])))))
    expect(failed._tag).toBe("BootFailed")
  })
)

story(
  "stops when requested, and says how it ended; afterwards it refuses requests",
  Effect.gen(function* () {
    const control = yield* run(root([sleeper("a"), sleeper("b")]))
    const ending = yield* Effect.forkScoped(control.ended)
    expect(yield* control.shutdown).toEqual({ booted: true, exit: { _tag: "Shutdown" } })
    expect(yield* Fiber.join(ending)).toEqual({ booted: true, exit: { _tag: "Shutdown" } })
    expect(paths()).toEqual([])
    expect(flatten((yield* control.snapshot).root).map(({ path, phase }) => `${path} ${phase}`)).toEqual([`${rootPath} down`])
    expect(yield* sentence(control.startChild(rootPath, sleeper("c")))).toBe(`${rootPath} does not run at present.`)
    expect(yield* control.shutdown).toEqual({ booted: true, exit: { _tag: "Shutdown" } })
  })
)

story(
  "kills everything at once when requested, even what would never stop",
  Effect.gen(function* () {
    const deaf = "trap '' TERM; echo deaf; while :; do sleep 0.05; done"
    const control = yield* run(root([shell("a", deaf, { ready: line("deaf"), shutdown: "infinity" }), sleeper("b")]))
    const stopping = yield* Effect.forkScoped(control.shutdown)
    yield* when(control, at("a"), ({ phase }) => phase === "stopping")
    expect(yield* control.kill).toMatchObject({ booted: true })
    yield* Fiber.join(stopping)
    expect(paths()).toEqual([])
  })
)

story(
  "ends by itself when the root gives up, and reports why",
  Effect.gen(function* () {
    const control = yield* run(root([sleeper("a")], { intensity: 1, period: "1 minute", onIntensity: "escalate" }))
    yield* control.signal(at("a"), "SIGKILL")
    yield* upAs(control, at("a"), 2)
    yield* control.signal(at("a"), "SIGTERM")
    const { booted, exit } = yield* control.ended
    expect(booted).toBe(true)
    expect(exit).toMatchObject({
      _tag: "GaveUp",
      intensity: 1,
      periodMs: 60_000,
      window: [
        { path: at("a"), incarnation: 1, exit: { _tag: "Signal", signal: "SIGKILL" } },
        { path: at("a"), incarnation: 2, exit: { _tag: "Signal", signal: "SIGTERM" } }
      ]
    })
    expect(paths()).toEqual([])
  })
)

story(
  "runs two independent trees in one process",
  Effect.gen(function* () {
    const other = `${rootId}-other`
    const twin = { ...root([sleeper("a", { backoff: soon })]), id: other }
    const scope = yield* Scope.make()
    const [one, two] = yield* Effect.all([Scope.provide(run(root([sleeper("a")])), scope), run(twin)])
    const pid = pidOf(`/${other}/a`)
    yield* one.signal(at("a"), "SIGKILL")
    yield* upAs(one, at("a"), 2)
    expect(yield* node(two, `/${other}/a`)).toMatchObject({ pid, incarnation: 1 })
    yield* Scope.close(scope, Exit.void)
    expect(paths()).toEqual([`/${other}/a`])
    yield* two.signal(`/${other}/a`, "SIGKILL")
    yield* upAs(two, `/${other}/a`, 2)
  })
)
