/** The machine's pressure reaches the core at an exit, but only if the backoff uses it. */
import { existsSync } from "node:fs"
import * as Effect from "effect/Effect"
import { adaptive, run, worker } from "supervise"
import { expect } from "vitest"
import type { JournalEntry } from "../../../src/core/Journal.ts"
import { at, root, soon, story, upAs } from "../../runtime/tree.ts"

story(
  "an exit carries the machine's pressure if the backoff is adaptive",
  Effect.gen(function* () {
    const entries: Array<JournalEntry> = []
    const ends = (id: string, backoff: ReturnType<typeof adaptive>) => worker({ id, start: ["sh", "-c", "exit 1"], backoff })
    const control = yield* run(root([ends("adapts", adaptive({ min: "10ms", max: "20ms" })), ends("counts", soon)]), {
      onJournalEntry: (entry) => void entries.push(entry)
    })
    yield* upAs(control, at("adapts"), 3)
    yield* upAs(control, at("counts"), 3)
    const pressures = (id: string) =>
      entries.flatMap(({ event }) => (event._tag === "Exited" && event.path === at(id) ? [event.pressure] : []))
    expect(new Set(pressures("counts"))).toEqual(new Set([undefined]))
    for (const pressure of pressures("adapts")) {
      expect(pressure).toBeGreaterThanOrEqual(0)
      expect(pressure).toBeLessThanOrEqual(1)
    }
    const decisions = entries.flatMap(({ actions }) => actions.flatMap((action) => (action._tag === "Decide" ? [action.decision] : [])))
    const decidedWith = decisions.filter(({ path }) => path === at("adapts")).map(({ evidence }) => evidence.pressure)
    expect(decidedWith.slice(0, 2)).toEqual(pressures("adapts").slice(0, 2))
    if (!existsSync("/proc/pressure/cpu")) expect(new Set(decidedWith)).toEqual(new Set([0]))
  })
)
