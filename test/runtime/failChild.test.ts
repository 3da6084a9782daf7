/**
 * A child that crashes again and again fails alone, with real processes: the rest of the tree stays up, and says what
 * has failed.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { type ChildSpec, constant, run, type SupervisorSpec, supervisor, worker } from "supervise"
import { expect } from "vitest"
import { exitCodeOf } from "../../src/cli/exitCodes.ts"
import { living, rootId, rootPath, temporaryFolder } from "./processes.ts"
import { at, node, shell, sleeper, story, when } from "./tree.ts"

/** With the defaults of a root. */
const root = (children: ReadonlyArray<ChildSpec>, more: Partial<SupervisorSpec> = {}) => supervisor({ id: rootId, ...more, children })

const atOnce = constant({ delay: "0 millis", jitter: 0 })

story(
  "under default settings a worker in a crash loop does not take the healthy ones down",
  Effect.gen(function* () {
    const looping = worker({ id: "loop", start: ["sh", "-c", "exit 3"], backoff: atOnce })
    const control = yield* run(root([sleeper("web"), sleeper("db"), looping], { intensity: 5 }))
    const failed = yield* when(control, at("loop"), ({ phase }) => phase === "failed")
    expect(failed).toMatchObject({ incarnation: 6, restarts: 5, lastExit: { _tag: "Code", code: 3 } })
    expect(failed.until! - failed.since).toBe(60_000)
    for (const id of ["web", "db"]) expect(yield* node(control, at(id))).toMatchObject({ phase: "up", incarnation: 1, restarts: 0 })
    expect(living(at("web"))).toHaveLength(1)
    expect(living(at("loop"))).toEqual([])
    const { root: whole } = yield* control.snapshot
    expect(whole).toMatchObject({ phase: "up", health: { status: "unhealthy", because: "loop has failed: it exited with code 3" } })
    const [decided] = (yield* control.why(at("loop"))).decisions
    expect(decided?.decision).toMatchObject({
      outcome: { _tag: "Fail" },
      window: { count: 6, intensity: 5 },
      next: { attempt: 1, delayMs: 60_000 }
    })
    expect(decided?.decision.rules.at(-1)).toMatchObject({
      path: rootPath,
      key: "onIntensity",
      text: '"failChild", tried again after 1m',
      byDefault: true
    })
  })
)

story(
  "it is tried again after retryAfter, and stays up when the cause is gone",
  Effect.gen(function* () {
    const cwd = temporaryFolder()
    const script = join(cwd, "job.sh")
    writeFileSync(script, "exit 1\n")
    const broken = shell("job", `. ${script}`, { backoff: atOnce })
    const control = yield* run(root([sleeper("web"), broken], { intensity: 1, retryAfter: "300ms" }))
    const events = yield* Effect.forkChild(
      control.events.pipe(
        Stream.filter(({ path, _tag }) => path === at("job") && (_tag === "Failed" || _tag === "TriedAgain" || _tag === "RestartCounted")),
        Stream.map(({ _tag }) => _tag),
        Stream.take(5),
        Stream.runCollect
      ),
      { startImmediately: true }
    )
    yield* when(control, at("job"), ({ phase }) => phase === "failed")
    yield* when(control, at("job"), ({ phase, incarnation }) => phase === "failed" && incarnation > 3)
    writeFileSync(script, "exec sleep 1000\n")
    expect(yield* when(control, at("job"), ({ phase, pid }) => phase === "up" && pid !== undefined)).toMatchObject({ phase: "up" })
    expect([...(yield* Fiber.join(events))].slice(-3)).toEqual(["Failed", "TriedAgain", "Failed"])
  })
)

story(
  "a hint ends the wait of a failed child: its program has changed",
  Effect.gen(function* () {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, "job.sh"), "sleep 0.1; exit 1\n") // it has ended after the tree is up
    const job = worker({ id: "job", start: ["sh", "job.sh"], cwd, backoff: atOnce })
    const control = yield* run(root([sleeper("web"), job], { intensity: 0, retryAfter: "1 hour" }))
    yield* when(control, at("job"), ({ phase }) => phase === "failed")
    writeFileSync(join(cwd, "job.sh"), "exec sleep 1000\n")
    yield* when(control, at("job"), ({ phase }) => phase === "up")
  })
)

story(
  "the operator tries it again, or stops it for good",
  Effect.gen(function* () {
    const job = shell("job", 'test "$SUPERVISE_INCARNATION" -gt 1 && exec sleep 1000; exit 1', { backoff: atOnce })
    const control = yield* run(root([sleeper("web"), job], { intensity: 0 }))
    yield* when(control, at("job"), ({ phase }) => phase === "failed")
    yield* control.start(at("job"))
    yield* when(control, at("job"), ({ phase, incarnation }) => phase === "up" && incarnation === 2)
    yield* control.stop(at("job"))
    expect(yield* node(control, at("job"))).toMatchObject({ phase: "down", hold: true })
  })
)

story(
  "a root of which nothing is left gives up, and with that exits with 75",
  Effect.gen(function* () {
    const loop = (id: string) => shell(id, "exit 1", { backoff: atOnce })
    const control = yield* run(root([loop("a"), loop("b")], { intensity: 2 }))
    const ending = yield* control.ended
    expect(ending.exit).toMatchObject({ _tag: "AllFailed", failed: 2, cause: { exit: { _tag: "Code", code: 1 } } })
    expect(exitCodeOf(ending, false)).toBe(75)
    expect(living()).toEqual([])
  })
)
