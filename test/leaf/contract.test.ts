/**
 * What every implementation of `Spawner` must do: random commands, and the promises that hold whatever is commanded.
 */
import { expect, it } from "vitest"
import type { LeafEvent, SpawnCommand } from "../../src/leaf/Spawner.ts"
import { eventually, living, recorder } from "./LeafRecorder.ts"
import { contract } from "./testedSpawners.ts"

const PROGRAMS: ReadonlyArray<SpawnCommand["argv"]> = [
  ["true"],
  ["no-such-command"],
  ["sleep", "1000"],
  ["sh", "-c", "echo a; printf b; exit 3"],
  ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.01; done"],
  ["sh", "-c", "(trap '' TERM; while :; do sleep 0.01; done) & sleep 1000 & sleep 0.02; exit 1"],
  ["sh", "-c", "kill -STOP $$"],
  ["sh", "-c", "yes | head -n 20000"]
]
const SHUTDOWNS = [0, 1, 20, "brutalKill", "infinity"] as const
const READY: ReadonlyArray<SpawnCommand["ready"]> = [
  { type: "spawned" },
  { type: "none" },
  { type: "line", pattern: "^up|y|a$" },
  { type: "fd", fd: 3 }
]
const PATHS = 12
const COMMANDS = 400

contract("a spawner", () => {
  it("keeps its promises, whatever it is commanded", async () => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
    const replay = `SEED=${seed} npx vitest run test/leaf/contract.test.ts`
    let state = seed
    /** A linear congruential generator: good enough to choose. */
    const pick = <A>(among: ReadonlyArray<A>): A => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return among[Math.floor((state / 2 ** 32) * among.length)]!
    }
    const w = recorder(false)
    const events = new Map<number, LeafEvent>()
    const attach = (): void =>
      w.spawner.attach((event) => {
        if (events.has(event.n)) expect(events.get(event.n), replay).toEqual(event)
        events.set(event.n, event)
      })
    attach()
    const incarnations = new Map<string, number>()
    const paths = Array.from({ length: PATHS }, (_, i) => `${w.path}-${i}`)
    const command = async (): Promise<void> => {
      const path = pick(paths)
      const incarnation = incarnations.get(path) ?? 0
      const what = pick([
        "spawn",
        "spawn",
        "spawn",
        "again",
        "stop",
        "stop",
        "stop older",
        "signal",
        "attach",
        "acknowledge",
        "turn",
        "turn"
      ])
      if (what === "spawn" || what === "again") {
        const next = what === "spawn" || incarnation === 0 ? incarnation + 1 : incarnation
        incarnations.set(path, next)
        w.spawn(pick(PROGRAMS), { path, incarnation: next, ready: pick(READY), shutdown: pick(SHUTDOWNS.slice(0, 4)) })
      } else if (what === "stop") w.spawner.stop({ path, incarnation }, pick(SHUTDOWNS))
      else if (what === "stop older") w.spawner.stop({ path, incarnation: incarnation - 1 }, pick(SHUTDOWNS))
      else if (what === "signal") void w.signal("SIGWINCH", pick(["leader", "group"]), { path, incarnation })
      else if (what === "attach") attach()
      else if (what === "acknowledge") w.spawner.acknowledge(Math.max(0, events.size - pick([0, 1, 100])))
      else await new Promise((resolve) => (pick([true, false]) ? setImmediate(resolve) : setTimeout(resolve, pick([1, 5, 20]))))
    }
    for (let i = 0; i < COMMANDS; i++) await command()
    const leaves = [...incarnations].flatMap(([path, last]) => Array.from({ length: last }, (_, i) => ({ path, incarnation: i + 1 })))
    for (const leaf of leaves) w.spawner.stop(leaf, pick([0, "brutalKill"]))
    const ends = (): number => [...events.values()].filter(({ _tag }) => _tag === "NotStarted" || _tag === "Exited").length
    await eventually(`all have ended (${replay})`, () => ends() === leaves.length)
    expect(living(w.path), replay).toEqual([])

    const numbers = [...events.keys()].sort((a, b) => a - b)
    expect(numbers, replay).toEqual(numbers.map((_, i) => i + 1))
    for (const { path, incarnation } of leaves) {
      const tags = numbers.map((n) => events.get(n)!).filter((event) => event.path === path && event.incarnation === incarnation)
      const order = tags.map(({ _tag }) => _tag).filter((tag) => tag !== "Line" && tag !== "Dropped")
      expect(order.join(" "), `${path} ${incarnation}: ${replay}`).toMatch(/^(NotStarted|Spawned( Ready)?( LeaderEnded)?( Ready)? Exited)$/)
      expect(tags.at(-1)!._tag, replay).toMatch(/^(NotStarted|Exited)$/)
    }
  })
})
