/** The keeper is killed: its workers end, and the tree goes on with a new one. */
import * as Effect from "effect/Effect"
import { run } from "supervise"
import { expect } from "vitest"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { readStat } from "../../src/leaf/os/proc.ts"
import { at, node, root, sleeper, story, upAs } from "./tree.ts"

const program = keeperProgram()
if (typeof program !== "string") {
  if (process.env.REQUIRE_ALL === "1") throw program
  console.log(`Left out: the end of the keeper, as ${program.because} (npm run keeper).`)
} else {
  story(
    "nothing is counted, and nobody waits",
    Effect.gen(function* () {
      const ids = Array.from({ length: 12 }, (_, n) => `w${n}`)
      const control = yield* run(
        root(
          ids.map((id) => sleeper(id)),
          { intensity: 0, onIntensity: "escalate" }
        ),
        { spawner: "keeper" }
      )
      const leader = readStat((yield* node(control, at("w0"))).pid!)
      const keeper = typeof leader === "string" ? 0 : leader.parent
      expect(keeper).toBeGreaterThan(1)
      process.kill(keeper, "SIGKILL")
      for (const id of ids) yield* upAs(control, at(id), 2)
      const told = (yield* control.recent).map(({ _tag }) => _tag)
      expect(told.filter((tag) => tag === "Exited")).toHaveLength(12)
      expect(told.filter((tag) => tag === "RestartCounted" || tag === "Backoff")).toEqual([])
      const { decisions } = yield* control.why(at("w0"))
      expect(decisions[0]?.decision).toMatchObject({
        evidence: { exit: { _tag: "Lost" } },
        outcome: { _tag: "Restart", first: [at("w0")] }
      })
    })
  )
}
