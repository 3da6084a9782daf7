/** The output of a running tree comes while something asks for it; what its workers are watched by comes anyway. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { type Control, fd, line, log, run, type SpawnerName } from "supervise"
import { afterEach, expect, vi } from "vitest"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { Reports } from "../../src/leaf/keeper/Reports.ts"
import { readStat } from "../../src/leaf/os/proc.ts"
import { eventually, temporaryFolder } from "./processes.ts"
import { at, node, root, shell, story, upAs, when } from "./tree.ts"

const hasKeeper = typeof keeperProgram() === "string"
if (!hasKeeper && process.env.REQUIRE_ALL === "1") throw keeperProgram()
if (!hasKeeper) console.log("Left out: output on the keeper, as there is none (npm run keeper).")
const spawners: ReadonlyArray<SpawnerName> = hasKeeper ? ["node", "keeper"] : ["node"]

/** Prints its incarnation and a number for each SIGUSR1. `begun`: what it does when it can get one. */
const answers = (begun: string): string =>
  `n=0; trap 'n=$((n+1)); echo $SUPERVISE_INCARNATION:$n' USR1; echo up; ${begun}; while :; do sleep 0.01; done`

/** The first line of this text from now on. Output is asked for when this has been called. */
const expectLine = (control: Control["Service"], text: string) =>
  Effect.forkChild(Stream.runHead(Stream.filter(control.events, (event) => event._tag === "Line" && event.text === text)), {
    startImmediately: true
  })

afterEach(() => void vi.restoreAllMocks())

for (const spawner of spawners) {
  story(
    `a follower that comes later sees lines from then on (${spawner})`,
    Effect.gen(function* () {
      const add = vi.spyOn(Reports.prototype, "add")
      const frames = () => add.mock.calls.filter(([{ _tag }]) => _tag === "Output").length
      const begun = join(temporaryFolder(), "begun")
      const tree = root([
        shell("plain", answers(`: > ${begun}`)),
        shell("says", answers(":"), { ready: line("^up$") }),
        shell("done", "seq 1000", { restart: "transient" })
      ])
      const control = yield* run(tree, { spawner, state: join(temporaryFolder(), "state") })
      yield* upAs(control, at("says"), 1)
      yield* when(control, at("done"), ({ phase }) => phase === "down")
      yield* Effect.promise(() => eventually("it can get a signal", () => existsSync(begun)))
      yield* control.signal(at("says"), "SIGCONT") // the answer comes after what was on its way
      expect(frames()).toBeLessThanOrEqual(1) // until it was ready
      for (const id of ["plain", "says"]) {
        const found = yield* expectLine(control, "1:1")
        yield* control.signal(at(id), "SIGUSR1")
        expect(yield* Fiber.join(found)).toMatchObject({ value: { path: at(id), stream: "stdout" } })
      }
      const followed = frames()
      yield* control.signal(at("plain"), "SIGUSR1")
      yield* control.restart(at("says"))
      yield* control.signal(at("plain"), "SIGUSR1")
      expect(frames() - followed).toBeLessThanOrEqual(1)
    })
  )

  story(
    `a worker that is watched by its lines needs no follower (${spawner})`,
    Effect.gen(function* () {
      const ticks = "while :; do echo tick; sleep 0.05; done"
      const health = { interval: "50ms", failureThreshold: 1, onFailure: "report" } as const
      const tree = root([
        shell("probed", ticks, { health: log("tick", { maxAge: "30s", initialDelay: "300ms", ...health }) }),
        shell("beats", ticks, { heartbeat: { from: line("tick"), every: "50ms", startupGrace: "20s" } })
      ])
      const control = yield* run(tree, { spawner })
      yield* Effect.sleep("1 second")
      expect((yield* control.recent).filter(({ _tag }) => _tag.startsWith("Health") || _tag === "Suspected")).toEqual([])
      expect((yield* node(control, at("probed"))).health).toMatchObject({ status: "healthy" })
    })
  )

  story(
    `the last lines of a worker that is not ready in time are quoted, without a follower (${spawner})`,
    Effect.gen(function* () {
      const slow = shell("slow", "echo one; echo two; echo three; echo four >&2; exec sleep 1000", { ready: fd(3), startTimeout: "500ms" })
      const state = join(temporaryFolder(), "state")
      const { message } = yield* Effect.flip(run(root([slow]), { spawner, state }))
      for (const text of ["two", "three", "four"]) expect(message).toContain(text)
      expect(message).toContain("it has not written to descriptor 3; its last lines:")
    })
  )
}

if (hasKeeper) {
  story(
    "a follower sees the lines of a new keeper",
    Effect.gen(function* () {
      const control = yield* run(root([shell("a", answers("echo >&3"), { ready: fd(3) })]), { spawner: "keeper" })
      const found = yield* expectLine(control, "2:1")
      const leader = readStat((yield* node(control, at("a"))).pid!)
      process.kill(typeof leader === "string" ? 0 : leader.parent, "SIGKILL")
      yield* upAs(control, at("a"), 2)
      yield* control.signal(at("a"), "SIGUSR1")
      yield* Fiber.join(found)
    })
  )
}
