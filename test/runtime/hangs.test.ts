/**
 * Real processes that hang, each in its own way: each is convicted within the time that its spec implies, with evidence
 * of what it did, and started again. No clock is read here: the conviction itself says how long the silence was.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { exec, type HeartbeatSpec, type ProbeSpec, type SupervisorSpec, type TreeEvent, type WorkerSpec } from "supervise"
import { describe, expect, it } from "vitest"
import { Detector } from "../../src/core/detection/Detector.ts"
import type { Exit } from "../../src/core/Exit.ts"
import { sayExit } from "../../src/core/Sentence.ts"
import { decodeTree } from "../../src/tree/decode.ts"
import { closedPort } from "../leaf/probe/checks.ts"
import { foreground } from "./command.ts"
import { launch } from "./launched.ts"
import { native, withoutCc } from "./native.ts"
import { eventually, living, PATIENCE_MS, signal, temporaryFolder } from "./processes.ts"
import { at, root, shell, soon, story } from "./tree.ts"

const EVERY_MS = 100
const GRACE_MS = 200
const HANG_AFTER_MS = 3_000
const heartbeat: HeartbeatSpec = { every: `${EVERY_MS}ms`, grace: `${GRACE_MS}ms`, hangAfter: `${HANG_AFTER_MS}ms`, startupGrace: "2s" }

/** The silence that convicts a child before its tenth beat: 700 ms. */
const CONVICTED_AFTER_MS = new Detector({
  ...{ everyMs: EVERY_MS, model: "hybrid", suspect: 3, convict: 8, graceMs: GRACE_MS, hangAfterMs: HANG_AFTER_MS }
}).timeoutMs(8)
/** A busy machine may be this much later. */
const SLACK_MS = 1_500

const beats = (id: string, args: ReadonlyArray<string>, more: Partial<WorkerSpec> = {}): WorkerSpec => ({
  ...{ type: "worker", id, start: [native("beats"), String(EVERY_MS), ...args], ready: { type: "fd" }, heartbeat, backoff: soon },
  ...more
})
const fixture = `${import.meta.dirname}/../fixtures/runtime/serving.ts`
const serving = (id: string, args: ReadonlyArray<string>, more: Partial<WorkerSpec> = {}): WorkerSpec => ({
  ...{ type: "worker", id, start: [process.execPath, fixture, ...args], ready: { type: "fd" }, heartbeat, backoff: soon },
  ...more
})

/** All events of a tree, and waits for some of them. */
class Chronicle {
  readonly events: Array<TreeEvent> = []
  private readonly looks = new Set<() => void>()

  readonly see = (event: TreeEvent): void => {
    this.events.push(event)
    for (const look of this.looks) look()
  }

  of<T extends TreeEvent["_tag"]>(tag: T, path?: string): ReadonlyArray<Extract<TreeEvent, { readonly _tag: T }>> {
    const isSuch = (event: TreeEvent): event is Extract<TreeEvent, { readonly _tag: T }> => event._tag === tag
    return this.events.filter(isSuch).filter((event) => path === undefined || event.path === path)
  }

  /** The first such event, past or to come. */
  first<T extends TreeEvent["_tag"]>(
    tag: T,
    path: string,
    such: (event: Extract<TreeEvent, { readonly _tag: T }>) => boolean = () => true
  ): Effect.Effect<Extract<TreeEvent, { readonly _tag: T }>> {
    return Effect.promise(
      () =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            const found = this.of(tag, path).find(such)
            if (found === undefined) return
            clearTimeout(timer)
            this.looks.delete(look)
            resolve(found)
          }
          const said = () => this.events.map(({ _tag, path }) => `${_tag} ${path}`).join("\n")
          const timer = setTimeout(() => reject(new Error(`Waited in vain for ${tag} of ${path}:\n${said()}`)), PATIENCE_MS)
          this.looks.add(look)
          look()
        })
    )
  }
}

const begun = Effect.fnUntraced(function* (children: SupervisorSpec["children"]) {
  const chronicle = new Chronicle()
  const tree = yield* decodeTree(root(children))
  const { booted } = yield* launch(tree, {}, chronicle.see)
  yield* booted
  return chronicle
})

interface Wanted {
  readonly silence: readonly [from: number, to: number]
  readonly evidence: RegExp
}

/** Its first incarnation hangs: it is suspected, convicted, counted and started again; and the second one is up. */
const isFound = Effect.fnUntraced(function* (c: Chronicle, path: string, { silence: [from, to], evidence }: Wanted) {
  const { exit } = yield* c.first("Convicted", path)
  if (exit._tag !== "Hung") throw new Error(`It ${sayExit(exit)}`)
  expect(exit.silenceMs).toBeGreaterThanOrEqual(from)
  expect(exit.silenceMs).toBeLessThanOrEqual(to + SLACK_MS)
  expect(exit.phi).toBeGreaterThanOrEqual(3)
  expect(exit.evidence).toMatch(evidence)
  yield* isRestarted(c, path, exit)
})

const isRestarted = Effect.fnUntraced(function* (c: Chronicle, path: string, exit: Exit) {
  expect((yield* c.first("Exited", path)).exit).toEqual(exit)
  yield* c.first("Started", path, ({ incarnation }) => incarnation === 2)
  expect(c.of("RestartCounted").map(({ count }) => count)).toEqual([1])
  const tags = c.events.filter((event) => event.path === path).map(({ _tag }) => _tag)
  if (exit._tag === "Hung") expect(tags.indexOf("Suspected")).toBeLessThan(tags.indexOf("Convicted"))
})

const soonEnough: Wanted["silence"] = [CONVICTED_AFTER_MS - 1, CONVICTED_AFTER_MS]
/** A busy child may wait for a CPU, which is subtracted: at most four fifths of the time, and not beyond hangAfter. */
const extended: Wanted["silence"] = [CONVICTED_AFTER_MS - 1, HANG_AFTER_MS]

const hangs = (what: string, way: string, wanted: Wanted): void => {
  it.skipIf(withoutCc)(what, () =>
    Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const c = yield* begun([beats("a", ["5", way], { cwd: temporaryFolder() })])
          yield* isFound(c, at("a"), wanted)
        })
      )
    )
  )
}

describe("a leaf that hangs is convicted, and started again", () => {
  hangs("stopped by a signal", "stop", { silence: soonEnough, evidence: /^it is stopped \(state T\)$/ })
  hangs("computing for ever", "spin", { silence: extended, evidence: /^it (spins: used .* of CPU in |is starved)/ })
  hangs("waiting for what never comes through a pipe", "pipe", {
    silence: soonEnough,
    evidence: /^it waits( in \w*pipe\w*)? and uses no CPU$/
  })
  hangs("waiting for a lock that it holds itself", "lock", {
    silence: soonEnough,
    evidence: /^it waits( in \w*lock\w*)? and uses no CPU$/
  })
  // A process in state D, as when it waits for a dead disk: the kernel puts the parent of vfork there until its child
  // has ended.
  hangs("where no signal reaches it", "vfork", {
    silence: soonEnough,
    evidence: /^it is in uninterruptible sleep( in \w+)? \(state D\)$/
  })
  hangs("its channel closed, whether it works or not", "close", { silence: soonEnough, evidence: /; its channel is closed$/ })
  hangs("silent from the beginning", "pipe", { silence: soonEnough, evidence: /^it waits/ })
})

story(
  "a Node program whose event loop is blocked, and one that waits for another thread",
  Effect.gen(function* () {
    for (const [way, evidence] of [
      ["livelock", /^it (spins|is starved)/],
      ["deadlock", /^it waits( in \w*futex\w*)? and uses no CPU$/]
    ] as const) {
      const c = yield* Effect.scoped(
        Effect.gen(function* () {
          const c = yield* begun([serving("a", [way])])
          yield* isFound(c, at("a"), { silence: way === "livelock" ? extended : soonEnough, evidence })
          return c
        })
      )
      expect(c.of("Convicted")).toHaveLength(1)
    }
  })
)

story(
  "a leaf that is stopped from outside after some beats",
  Effect.gen(function* () {
    const c = yield* begun([shell("a", "while :; do echo beat >&3; sleep 0.1 3>&-; done", { heartbeat })])
    // The shell, and not what it waits for.
    expect(signal(c.of("Spawned")[0]!.pid, "SIGSTOP")).toBe(true)
    yield* isFound(c, at("a"), { silence: [CONVICTED_AFTER_MS - 1, HANG_AFTER_MS], evidence: /^it is stopped \(state T\)$/ })
  })
)

story(
  "what is left of a worker that has ended is no longer checked: it ended as its leader did",
  Effect.gen(function* () {
    const folder = temporaryFolder()
    // The member sees the end of its leader, and only then is the worker unhealthy.
    const member = "(trap '' TERM; while [ -d /proc/$$ ]; do sleep 0.02; done; touch ended; exec sleep 1000) & sleep 0.2; exit 7"
    const health = exec(["test", "!", "-e", "ended"], { interval: "20ms", failureThreshold: 2 })
    const worker = shell("a", member, { cwd: folder, health, shutdown: "1s", restart: "temporary" })
    const launched = yield* launch(yield* decodeTree(root([worker])), { seed: 1 })
    const [exited] = yield* launched.control.history.pipe(
      Stream.filter((event) => event._tag === "Exited" && event.path === at("a")),
      Stream.take(1),
      Stream.runCollect
    )
    expect(exited).toMatchObject({ exit: { _tag: "Code", code: 7 } })
  })
)

story(
  "a leaf that never beats has its startup grace, and no more",
  Effect.gen(function* () {
    const c = yield* begun([shell("a", "[ $SUPERVISE_INCARNATION -gt 1 ] && echo beat >&3; exec sleep 1000", { heartbeat })])
    yield* isFound(c, at("a"), { silence: [2_000, 2_100], evidence: /^it waits( in \w*nanosleep\w*)? and uses no CPU$/ })
  })
)

// ---------------------------------------------------------------- beats, but is unhealthy

const often = { interval: "200ms", timeout: "200ms", failureThreshold: 2 } as const
/** The longest time until that check convicts: two more checks, the first one after an answer that was just in time. */
const PROBED_MS = 200 + 2 * 200 + 200
/** A command gets more time, as it must be started first. */
const slowly = { timeout: "1s" } as const
const PROBED_SLOWLY_MS = 1_000 + 2 * 1_000 + 1_000
const STALE_MS = 300

const isUnwell = (
  what: string,
  make: (folder: string, port: number) => { readonly start: ReadonlyArray<string>; readonly health: ProbeSpec },
  because: RegExp
) =>
  story(
    what,
    Effect.gen(function* () {
      const port = yield* Effect.promise(() => closedPort())
      const { start, health } = make(temporaryFolder(), port)
      const c = yield* begun([serving("a", start, { health: { ...often, ...health } as ProbeSpec })])
      const failing = yield* c.first("Line", at("a"), ({ text }) => text === "from now on")
      const convicted = yield* c.first("Convicted", at("a"))
      expect(convicted.exit).toMatchObject({ _tag: "Unhealthy", probe: health.type, failures: 2, because: expect.stringMatching(because) })
      const bound = { http: PROBED_MS, file: PROBED_MS + STALE_MS, exec: PROBED_SLOWLY_MS + STALE_MS }[
        health.type as "http" | "file" | "exec"
      ]
      expect(convicted.at - failing.at).toBeLessThanOrEqual(bound + SLACK_MS)
      yield* isRestarted(c, at("a"), convicted.exit)
      expect(c.of("Suspected")).toEqual([])
    })
  )

describe("a leaf that beats but is unhealthy is found by a check", () => {
  isUnwell(
    "it no longer answers requests",
    (_, port) => ({ start: ["deaf", String(port)], health: { type: "http", url: `http://127.0.0.1:${port}/` } }),
    /^did not answer within 200ms$/
  )
  isUnwell(
    "it no longer writes its file",
    (folder) => ({ start: ["lazy", `${folder}/done`], health: { type: "file", path: `${folder}/done`, maxAge: "300ms" } }),
    /^its heartbeat file was last written \d+ms ago, 300ms allowed$/
  )
  isUnwell(
    "a command finds that nothing was done for a while",
    (folder) => {
      const age = `test $(( $(date +%s%3N) - $(cat ${folder}/done) )) -lt 300 || { echo nothing was done; exit 1; }`
      return { start: ["lazy", `${folder}/done`], health: { type: "exec", command: ["sh", "-c", age], ...slowly } }
    },
    /^the check's command exited with code 1: nothing was done$/
  )
})

story(
  "a check that only reports does not stop a leaf that no longer answers",
  Effect.gen(function* () {
    const port = yield* Effect.promise(() => closedPort())
    const health = { type: "http", url: `http://127.0.0.1:${port}/`, ...often, onFailure: "report" } as const
    const c = yield* begun([serving("a", ["deaf", String(port)], { health })])
    expect((yield* c.first("HealthCheckFailed", at("a"))).because).toBe("its http check failed: did not answer within 200ms")
    // It has failed often enough for a conviction, and the checks go on.
    const asked = 5 * 200
    const since = performance.now()
    yield* Effect.promise(() => eventually("it was asked some more times", () => performance.now() - since > asked))
    expect([c.of("Convicted"), c.of("Exited"), c.of("Suspected")]).toEqual([[], [], []])
  })
)

// ---------------------------------------------------------------- late, but regular

it.skipIf(withoutCc)(
  "a leaf that beats more slowly than promised is suspect at first, and never convicted",
  () =>
    Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          // It promises 100 ms and takes 800 ms; with the default grace it is suspect after 475 ms, and convicted after
          // 1,100 ms.
          const c = yield* begun([beats("a", ["15", "slow"], { heartbeat: { every: "100ms" } })])
          const lates = () => c.of("Line").filter(({ text }) => text === "late")
          yield* c.first("Line", at("a"), () => lates().length === 8)
          expect(c.of("Suspected").length).toBeGreaterThanOrEqual(1)
          expect(c.of("Suspected").at(-1)!.seq).toBeLessThan(lates()[5]!.seq)
          expect(c.of("Convicted")).toEqual([])
        })
      )
    ),
  PATIENCE_MS
)

// ---------------------------------------------------------------- up the tree

it.skipIf(withoutCc)("repeated convictions escalate, and the report of the root has the evidence", async () => {
  const inner = { type: "supervisor", id: "inner", intensity: 1, children: [beats("a", ["3", "stop", "1000"])] } as const
  const command = foreground(root([inner], { intensity: 1 }), { env: { ...process.env, NO_COLOR: "1" } })
  expect(await command.code).toBe(75)
  expect(command.events.filter(({ event }) => event === "Convicted")).toHaveLength(4)
  expect(command.stderr).toMatch(/hung: silent for [\d.]+m?s, phi [\d.]+; it is stopped \(state T\)/)
})

it.skipIf(withoutCc)("three leaves that are silent together are not stopped one by one: their supervisor ends, and is started again", () =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const three = ["a", "b", "c"].map((id) => beats(id, ["5", "stop"], { heartbeat: { ...heartbeat, hangAfter: "1s" } }))
        const c = yield* begun([{ type: "supervisor", id: "g", children: three }])
        const ending = yield* c.first("Ending", at("g"))
        expect(ending.exit).toMatchObject({ _tag: "CommonSilence", suspects: 3, of: 3, cause: { exit: { _tag: "Hung" } } })
        expect(sayExit(ending.exit)).toMatch(/ended because 3 of its 3 children fell silent together: .*is stopped \(state T\)/)
        expect(c.of("Convicted")).toEqual([])
        expect(c.of("CommonSilence")).toHaveLength(1)
        // None is stopped before a whole hangAfter of common silence.
        expect(ending.at - c.of("CommonSilence")[0]!.at).toBeGreaterThanOrEqual(1_000 - 20)
        yield* c.first("Started", at("g"), ({ incarnation }) => incarnation === 2)
        const pids = c
          .of("Spawned")
          .slice(0, 3)
          .map(({ pid }) => pid)
        yield* Effect.promise(() =>
          eventually("none of the first incarnations is left", () => living().every(({ pid }) => !pids.includes(pid)))
        )
      })
    )
  )
)
