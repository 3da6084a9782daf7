/** The decisions that are kept, those that concern a path, their sentences, and their replay. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { breaker, constant, decodeTree, line, pool, supervisor, type TreeSpec } from "supervise"
import { entryLine, headerLine, type Journal, type JournalEntry, readJournal, replay } from "supervise/testing"
import { expect, it } from "vitest"
import { exitCodeOf } from "../../../src/cli/exitCodes.ts"
import { report } from "../../../src/cli/print/report.ts"
import { sayWhy } from "../../../src/cli/print/why.ts"
import { whyJson } from "../../../src/cli/print/whyJson.ts"
import { systemClock } from "../../../src/leaf/os/Clock.ts"
import { makeKernel } from "../../../src/runtime/kernel/Kernel.ts"
import { makeControl } from "../../../src/runtime/read/Control.ts"
import { DECISIONS_KEPT } from "../../../src/runtime/read/limits.ts"
import { type Launched, launch } from "../launched.ts"
import { rootPath, signal } from "../processes.ts"
import { at, node, root, shell, sleeper, soon, story, upAs, when } from "../tree.ts"

const heartbeat = { every: "100ms" } as const
const hung = { _tag: "Hung", phi: 8.5, silenceMs: 2100, evidence: "is stopped (state T)" } as const
const silence = { phi: 4.25, silenceMs: 1200, everyMs: 100, evidence: "sleeps" } as const

/** A tree of real processes, with events of detectors that a test sends. */
const launchedTree = (spec: TreeSpec, onJournalEntry: (moment: JournalEntry) => void = () => {}) =>
  Effect.gen(function* () {
    const tree = yield* decodeTree(spec)
    const launched = yield* launch(tree, { seed: 7, onJournalEntry, origin: { spec, places: new Map() } })
    yield* launched.booted
    return launched
  })

const kill = ({ control }: Launched, path: string) => Effect.map(node(control, path), ({ pid }) => signal(pid!, "SIGKILL"))
const said = ({ control }: Launched, path: string, last?: number) =>
  Effect.map(control.why(path, last), (why) =>
    sayWhy(why, (_, text) => text)
      .replaceAll(rootPath, "/r")
      .replace(/\d\d:\d\d:\d\d\.\d{3}/g, "TIME")
      .replace(/\b\d+(\.\d)?m?s(?= ago|, at| \()|(?<=(for|after|up) )\d+(\.\d)?m?s/g, "SPAN")
      .replace(/ {2,}/g, "  ")
      .split("\n")
  )

const decisionsOf = ({ entries: moments }: Pick<Journal, "entries">) =>
  moments.flatMap(({ actions }) => actions.flatMap((action) => (action._tag === "Decide" ? [action.decision] : [])))

story(
  "a journal with a crash, a need, a conviction, a breaker and a supervisor that gives up is replayed with the same decisions",
  Effect.gen(function* () {
    const spec = root(
      [
        sleeper("db", { restart: "transient" }),
        sleeper("web", { needs: ["db"] }),
        sleeper("hangs", { heartbeat }),
        pool({
          id: "group",
          size: 4,
          child: sleeper("one"),
          breaker: breaker({ failures: 2, share: 0.5, stable: "50ms", release: "50ms" })
        }),
        { ...root([shell("x", "exit 1")], { intensity: 2, restart: "temporary" }), id: "inner" }
      ],
      { strategy: "OneForOne" }
    )
    const lines = [headerLine({ tree: spec, seed: 7 })]
    const launched = yield* launchedTree(spec, (moment) => void lines.push(entryLine(moment)))
    const { control, kernel } = launched
    yield* control.stop(at("db"))
    yield* kill(launched, at("web"))
    yield* when(control, at("web"), ({ phase }) => phase === "pending")
    yield* control.start(at("db"))
    yield* upAs(control, at("web"), 2)
    kernel.send({ _tag: "Convicted", path: at("hangs"), incarnation: 1, exit: hung })
    yield* upAs(control, at("hangs"), 2)
    for (const n of ["1", "2", "3"]) yield* kill(launched, at("group", n))
    for (const n of ["1", "2", "3"]) yield* upAs(control, at("group", n), 2)
    yield* Effect.repeat(Effect.sleep(10), { while: () => kernel.state.supervisors.has(at("inner")) })
    yield* control.shutdown

    const recording = readJournal(`${lines.join("\n")}\n`, "the recording", spec)
    expect(replay(recording)).toEqual({ entries: recording.entries.length, actions: expect.any(Number), difference: undefined })
    const decisions = decisionsOf(recording)
    const kinds = decisions.map(({ path, outcome, rules }) => `${path.slice(rootPath.length + 1)} ${outcome._tag} by ${rules[0]!.key}`)
    for (const kind of ["web Defer by needs", "hangs Restart by heartbeat", "inner/x Escalate by intensity", "inner LeaveDown by restart"])
      expect(kinds).toContain(kind)
    expect(kinds.filter((kind) => kind.startsWith("group/") && kind.endsWith("Defer by breaker")).length).toBeGreaterThanOrEqual(2)
    // Any other decision is noticed.
    for (const [n, moment] of recording.entries.entries()) {
      if (!moment.actions.some(({ _tag }) => _tag === "Decide")) continue
      const actions = moment.actions.map((action) =>
        action._tag === "Decide" ? { ...action, decision: { ...action.decision, at: action.decision.at + 1 } } : action
      )
      expect(replay({ ...recording, entries: recording.entries.with(n, { ...moment, actions }) })).toMatchObject({ entries: n })
    }
  })
)

story(
  "a suspect and a convicted child say why; afterwards the silence is the evidence",
  Effect.gen(function* () {
    const deaf = shell("web", "trap '' TERM; while :; do sleep 0.05; done", { heartbeat, shutdown: "300ms" })
    const launched = yield* launchedTree(root([deaf]))
    const { kernel, control } = launched
    const web = { path: at("web"), incarnation: 1 }
    const rule = "  heartbeat every 100ms, suspect at phi 3, dead at 8"
    kernel.send({ _tag: "Suspected", ...web, silence })
    yield* when(control, at("web"), ({ suspect }) => suspect !== undefined)
    expect(yield* said(launched, at("web"))).toEqual([
      "/r/web is up, incarnation 1 for SPAN.",
      "  It is suspect for SPAN: it was silent for SPAN, phi 4.3; sleeps.",
      rule,
      "No supervisor has decided anything about it yet."
    ])
    kernel.send({ _tag: "Convicted", ...web, exit: hung })
    yield* when(control, at("web"), ({ phase }) => phase === "stopping")
    const [stopping, shown] = yield* said(launched, at("web"))
    expect(stopping).toMatch(
      /^\/r\/web is being stopped, convicted because it hung: silent for SPAN, phi 8\.5; is stopped \(state T\); it is killed in SPAN, at TIME\.$/
    )
    expect(shown).toBe(rule)
    yield* upAs(control, at("web"), 2)
    expect((yield* said(launched, at("web"))).slice(2, 5)).toEqual([
      "TIME /r/web (incarnation 1) hung: silent for SPAN, phi 8.5; is stopped (state T) (was up SPAN), which counts as abnormal",
      `  rules${rule}`,
      '  restart "permanent"  by default'
    ])
  })
)

story(
  "a child that was restarted with a sibling says whose exit that was",
  Effect.gen(function* () {
    const launched = yield* launchedTree(root([sleeper("a"), sleeper("b")], { strategy: "OneForAll" }))
    yield* kill(launched, at("a"))
    yield* upAs(launched.control, at("b"), 2)
    const lines = yield* said(launched, at("b"))
    expect(lines[2]).toBe("TIME /r/a (incarnation 1) was killed by SIGKILL after SPAN, which is abnormal")
    expect(lines).toContain("  so  it is started again, and with it /r/b")
  })
)

story(
  "children that are pending on the breaker say so, and which one is the probe; so do those at the start gate",
  Effect.gen(function* () {
    const policy = breaker({ failures: 2, share: 0.5, probeEvery: "20s", stable: "20s" })
    const group = pool({
      id: "group",
      size: 3,
      // One crashes after the other, so that it is known which is the probe.
      child: shell("one", 'sleep $((${SUPERVISE_PATH##*/} - 1)).2; [ "$SUPERVISE_INCARNATION" = 1 ] || exec sleep 1000; exit 1', {
        backoff: constant({ delay: "5s" })
      }),
      breaker: policy
    })
    const launched = yield* launchedTree(root([group]))
    const { control, kernel } = launched
    yield* when(control, at("group", "1"), ({ incarnation, phase }) => incarnation === 2 && phase === "up")
    const pending = ["2", "3"].map((n) => at("group", n))
    for (const path of pending) yield* when(control, path, ({ pendingOn }) => pendingOn?._tag === "Breaker")
    expect(kernel.state.supervisors.get(at("group"))?.breaker?.phase).toBe("halfOpen")
    expect((yield* said(launched, pending[0]!)).slice(0, 2)).toEqual([
      "/r/group/2 is pending: it waits for the breaker; /r/group/1 is started first, as the breaker's probe.",
      "  breaker 2 failures, 50 % of all, in 10s"
    ])
    expect((yield* said(launched, pending[0]!)).at(-1)).toBe("  so  it is pending, and nothing is counted: it waits for the breaker")
    const slow = yield* launchedTree(root([sleeper("a"), sleeper("b")], { startGate: { rate: 0.01, burst: 2 } }))
    yield* kill(slow, at("b"))
    yield* when(slow.control, at("b"), ({ pendingOn }) => pendingOn?._tag === "Gate")
    expect((yield* said(slow, at("b"))).slice(0, 2)).toEqual([
      "/r/b is pending: it waits for the start gate.",
      "  startGate 0.01 a second, 2 at once"
    ])
    expect((yield* said(slow, at("b"))).at(-2)).toBe("  so  it is started again")
  })
)

const reported = ({ control, kernel }: Launched) =>
  Effect.gen(function* () {
    const { exit } = yield* control.ended
    expect(exitCodeOf({ booted: true, exit }, false)).toBe(75)
    return report(
      rootPath,
      exit,
      (at) => at - kernel.now(),
      yield* control.why(rootPath),
      () => []
    )
      .replaceAll(rootPath, "/r")
      .replace(/\d\d:\d\d:\d\d\.\d{3}/g, "TIME")
      .split("\n")
  })

story(
  "the report of a tree that gave up over a hang, or over common silence, has the silence, phi and evidence",
  Effect.gen(function* () {
    const cause = "hung: silent for 2.1s, phi 8.5; is stopped (state T)"
    const strict = yield* launchedTree(root([sleeper("web", { heartbeat })], { intensity: 0 }))
    strict.kernel.send({ _tag: "Convicted", path: at("web"), incarnation: 1, exit: hung })
    expect(yield* reported(strict)).toEqual([
      "/r gave up: more than 0 restarts in 30s:",
      `  TIME /r/web (incarnation 1) ${cause}`,
      "  rule: intensity 0 in 30s"
    ])
    const watched = { heartbeat: { ...heartbeat, hangAfter: "300ms", startupGrace: "1 hour" } } as const
    const silent = yield* launchedTree(root([sleeper("a", watched), sleeper("b", watched), sleeper("c", watched)]))
    for (const id of ["a", "b"]) silent.kernel.send({ _tag: "Suspected", path: at(id), incarnation: 1, silence })
    silent.kernel.send({ _tag: "Convicted", path: at("a"), incarnation: 1, exit: hung })
    expect(yield* reported(silent)).toEqual([
      "/r ended because 2 of its 3 children fell silent together:",
      `  TIME /r/a (incarnation 1) ${cause}`,
      "  rule: heartbeat every 100ms, suspect at phi 3, dead at 8"
    ])
  })
)

story(
  "during common silence the children and their supervisor say so",
  Effect.gen(function* () {
    const watched = { heartbeat: { ...heartbeat, hangAfter: "1 hour", startupGrace: "1 hour" } } as const
    const silent = yield* launchedTree(root([sleeper("a", watched), sleeper("b", watched), sleeper("c", watched)]))
    for (const id of ["a", "b"]) silent.kernel.send({ _tag: "Suspected", path: at(id), incarnation: 1, silence })
    silent.kernel.send({ _tag: "Convicted", path: at("a"), incarnation: 1, exit: hung })
    yield* Effect.repeat(Effect.sleep(10), { while: () => silent.kernel.state.supervisors.get(rootPath)!.commonSilenceSince === undefined })
    const waits = "If they stay silent, /r ends in 1h at the latest, at TIME."
    for (const id of ["a", "b"])
      expect((yield* said(silent, at(id))).slice(2, 4)).toEqual([
        "  It is one of 2 of 3 children that fell silent together: none of them is stopped for that.",
        `  ${waits}`
      ])
    expect((yield* said(silent, at("c"))).join()).not.toContain("together")
    expect((yield* said(silent, rootPath)).slice(1, 3)).toEqual([
      "  It has 2 of 3 children that fell silent together: none of them is stopped for that.",
      `  ${waits.replace("/r ends", "it ends")}`
    ])
    const why = yield* silent.control.why(at("b"))
    expect(JSON.parse(whyJson(why)[0]!).now.commonSilence).toEqual({
      supervisor: rootPath,
      suspects: 2,
      of: 3,
      endsInMs: expect.any(Number)
    })
    silent.kernel.send({ _tag: "Cleared", path: at("a"), incarnation: 1 })
    yield* Effect.repeat(Effect.sleep(10), { while: () => silent.kernel.state.supervisors.get(rootPath)!.commonSilenceSince !== undefined })
    expect((yield* silent.control.why(rootPath)).commonSilence).toBeUndefined()
  })
)

story(
  "a child of a supervisor that is down says so, and what it was stopped with; an unknown path is refused",
  Effect.gen(function* () {
    const inner = { ...root([sleeper("a"), shell("x", "exit 1")], { intensity: 1, restart: "transient" }), id: "inner" } as const
    const launched = yield* launchedTree(root([inner, sleeper("b")]))
    const { control } = launched
    yield* when(control, at("inner"), ({ phase }) => phase === "down")
    const lines = yield* said(launched, at("inner", "a"))
    expect(lines[0]).toBe("/r/inner/a is not running, because /r/inner is down.")
    expect(lines[2]).toMatch(
      /^TIME \/r\/inner \(incarnation 1\) gave up: more than 1 restart in SPAN \(was up SPAN\), which counts as normal$/
    )
    expect((yield* control.why(at("inner"))).decisions.map(({ decision: { path, outcome } }) => `${path} ${outcome._tag}`)).toEqual([
      `${at("inner")} LeaveDown`,
      `${at("inner", "x")} Escalate`,
      `${at("inner", "x")} Restart`
    ])
    for (const path of [at("inner", "c"), at("b", "x"), "/elsewhere", "/", ""])
      expect((yield* Effect.flip(control.why(path))).message).toBe(`There is no ${path} in this tree.`)
  })
)

story(
  "a removed instance is known by the template of its pool",
  Effect.gen(function* () {
    const launched = yield* launchedTree(root([sleeper("a")]))
    const script = "trap 'exit 0' USR1; echo ready; while :; do sleep 0.02; done"
    const child = shell("one", script, { restart: "transient", ready: line("ready") })
    // An added pool is in no file, which would know it, too.
    yield* launched.control.startChild(rootPath, pool({ id: "p", size: 1, child }))
    const isGone = launched.control.changes.pipe(
      Stream.filter(({ path, node }) => path === at("p", "1") && node === undefined),
      Stream.runHead
    )
    const gone = yield* Effect.forkChild(isGone, { startImmediately: true })
    signal((yield* node(launched.control, at("p", "1"))).pid!, "SIGUSR1")
    yield* Fiber.join(gone)
    const [last] = (yield* launched.control.why(at("p", "1"))).decisions
    expect(last?.decision.rules).toEqual([expect.objectContaining({ path: at("p", "1"), key: "restart", value: "transient" })])
  })
)

story(
  "why shows the last decision about a supervisor itself after those about its children, however old it is",
  Effect.gen(function* () {
    const job = sleeper("job", { restart: "transient", significant: true, successCodes: ["SIGUSR1"] })
    const [a, inner] = [at("inner", "a"), at("inner")]
    const children = [sleeper("a", { backoff: soon }), job]
    const launched = yield* launchedTree(
      root([supervisor({ id: "inner", intensity: 100, autoShutdown: "anySignificant", backoff: soon, children })])
    )
    yield* launched.control.signal(at("inner", "job"), "SIGUSR1")
    yield* upAs(launched.control, inner, 2)
    for (let n = 2; n < 8; n++) {
      yield* kill(launched, a)
      yield* upAs(launched.control, a, n + 1)
    }
    const about = (last?: number) =>
      Effect.map(launched.control.why(inner, last), ({ decisions }) => decisions.map(({ decision }) => decision.path))
    expect(yield* about()).toEqual([a, a, a, a, a, inner])
    expect(yield* about(5)).toEqual([a, a, a, a, a])
  })
)

it("keeps the last thousand decisions and events, and knows a removed child by what it was", async () => {
  const tell = Effect.gen(function* () {
    const tree = yield* decodeTree(
      root([pool({ id: "p", size: 1, intensity: 1e6, child: sleeper("one", { backoff: soon }) }), sleeper("still")])
    )
    const spawner = {
      attach: () => {},
      acknowledge: () => {},
      onBeats: () => {},
      wantOutput: () => {},
      spawn: () => {},
      signal: () => {},
      stop: () => {},
      killAll: () => {}
    }
    const kernel = yield* makeKernel(tree, { spawner, clock: systemClock, folder: "/", seed: 0 })
    const control = makeControl(kernel, spawner)
    const exits = (path: string, incarnation: number) => {
      kernel.send({ _tag: "Ready", path, incarnation })
      kernel.send({ _tag: "Exited", path, incarnation, exit: { _tag: "Code", code: 1 } })
    }
    kernel.send({ _tag: "Boot" })
    kernel.send({ _tag: "Ready", path: at("p", "1"), incarnation: 1 })
    kernel.send({ _tag: "Ready", path: at("still"), incarnation: 1 })
    const adding = yield* Effect.forkChild(control.startChild(rootPath, sleeper("new", { restart: "temporary" })), {
      startImmediately: true
    })
    yield* Effect.repeat(control.countChildren(rootPath), { times: 1 })
    exits(at("new"), 1)
    yield* Effect.repeat(control.countChildren(rootPath), { times: 1 })
    adding.interruptUnsafe()
    const [gone] = (yield* control.why(at("new"))).decisions
    expect(gone?.decision.rules).toEqual([{ path: at("new"), key: "restart", value: "temporary", text: '"temporary"' }])

    for (let n = 1; n <= DECISIONS_KEPT + 5; n++) {
      exits(at("p", "1"), n)
      kernel.send({ _tag: "Hint", path: at("p", "1") })
      if (n !== DECISIONS_KEPT - 1) continue
      yield* Effect.repeat(control.countChildren(rootPath), { times: 1 })
      const whole = yield* control.why(rootPath, 10_000) // one is about what is gone
      expect([whole.decisions.length, whole.complete]).toEqual([DECISIONS_KEPT, true])
    }
    yield* Effect.repeat(control.countChildren(rootPath), { times: 1 })
    const all = yield* control.why(rootPath, 10_000)
    expect([all.decisions.length, all.more, all.complete]).toEqual([DECISIONS_KEPT, 0, false])
    expect(all.decisions.map(({ decision }) => decision.incarnation)).toEqual(Array.from(all.decisions, (_, n) => DECISIONS_KEPT + 5 - n))
    expect((yield* Effect.flip(control.why(at("new")))).message).toBe(`There is no ${at("new")} in this tree.`)
    expect(sayWhy(yield* control.why(at("still")), (_, text) => text)).toMatch(/\nNone of the last 1000 decisions is about it\.$/)
    const numbers = (yield* control.recent).map(({ seq }) => seq)
    expect(numbers).toHaveLength(1000)
    expect(numbers).toEqual(numbers.map((_, n) => numbers[0]! + n))
    expect(numbers[0]).toBeGreaterThan(1)
  })
  await Effect.runPromise(Effect.scoped(tell))
})
