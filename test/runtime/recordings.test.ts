/**
 * Journals of real trees are replayed: the same events must give the same actions, and any difference must be noticed.
 */
import { type RunningTree, start, type TreeSpec } from "supervise"
import { entryLine, headerLine, type Journal, type JournalEntry, readJournal, replay, simulate, times } from "supervise/testing"
import { afterAll, describe, expect, it } from "vitest"
import { pool } from "../../src/index.ts"
import { living, rootPath, signal } from "./processes.ts"
import { at, flatten, root, shell, sleeper, soon } from "./tree.ts"

interface Run {
  readonly name: string
  readonly tree: TreeSpec
  /** What is done once the tree is up; it is stopped afterwards. */
  readonly act: (tree: RunningTree) => Promise<unknown>
}

const pidOf = async (tree: RunningTree, path: string): Promise<number> =>
  flatten((await tree.snapshot()).root).find((node) => node.path === path)!.pid!
const killed = async (tree: RunningTree, path: string): Promise<boolean> => signal(await pidOf(tree, path), "SIGKILL")
/** Once it is up as this incarnation, or a later one. */
async function upAs(tree: RunningTree, path: string, incarnation: number): Promise<void> {
  for await (const { path: of, node } of tree.changes())
    if (of === path && node?.phase === "up" && node.incarnation >= incarnation && (node.type !== "worker" || node.pid !== undefined)) return
}
const abc = [sleeper("a"), sleeper("b"), sleeper("c")]

const runs: ReadonlyArray<Run> = [
  {
    name: "OneForOne, killed three times",
    tree: root(abc),
    act: async (tree) => {
      for (const n of [2, 3, 4]) {
        await killed(tree, at("b"))
        await upAs(tree, at("b"), n)
      }
    }
  },
  ...(["OneForAll", "RestForOne"] as const).map(
    (strategy): Run => ({
      name: `${strategy}, the second of three killed`,
      tree: root(abc, { strategy }),
      act: async (tree) => {
        await killed(tree, at("b"))
        await upAs(tree, at("c"), 2)
      }
    })
  ),
  {
    name: "a crash loop that gives up",
    tree: root([sleeper("a"), shell("b", "exit 3")], { intensity: 4 }),
    act: (tree) => tree.ended
  },
  {
    name: "a supervisor that gives up and is restarted above",
    tree: root([{ ...root([sleeper("a"), shell("x", "exit 1")], { intensity: 1 }), id: "inner" }, sleeper("b")], { intensity: 2 }),
    act: (tree) => tree.ended
  },
  {
    name: "orders: hold, start, restart, add, terminate, delete",
    tree: root(abc, { strategy: "RestForOne" }),
    act: async (tree) => {
      await tree.stop(at("b"))
      await tree.restart(at("a"))
      await tree.start(at("b"))
      await tree.startChild(rootPath, sleeper("d"))
      await tree.terminateChild(at("d"))
      await tree.deleteChild(at("d"))
      await tree.deleteChild(at("d")).catch(() => {})
    }
  },
  {
    name: "a pool that is scaled, and loses instances",
    tree: root([pool({ id: "p", size: 3, child: sleeper("one") })]),
    act: async (tree) => {
      await tree.scale(at("p"), 6)
      await upAs(tree, at("p", "6"), 1)
      await killed(tree, at("p", "2"))
      await upAs(tree, at("p", "2"), 2)
      await tree.scale(at("p"), 1)
    }
  },
  {
    name: "one that does not hear SIGTERM, one that is slow, a job, and a start that is late",
    tree: root(
      [
        shell("deaf", "trap '' TERM; echo ready; while :; do sleep 0.05; done", {
          shutdown: "100ms",
          ready: { type: "line", pattern: "ready" }
        }),
        shell("job", "exit 0", { restart: "transient", ready: "exited" }),
        shell("late", "sleep 1000", { ready: { type: "line", pattern: "never" }, startTimeout: "100ms", restart: "temporary" })
      ],
      { boot: "retry" }
    ),
    act: async (tree) => {
      await tree.restart(at("deaf"))
      await upAs(tree, at("deaf"), 2)
    }
  },
  {
    name: "a significant child that ends its supervisor",
    tree: root([sleeper("a"), shell("b", "exit 0", { restart: "transient", significant: true })], { autoShutdown: "anySignificant" }),
    act: (tree) => tree.ended
  },
  {
    name: "a hundred that fall at once",
    tree: root([pool({ id: "p", size: 100, intensity: 1000, child: sleeper("one") })]),
    act: async (tree) => {
      for (let n = 1; n <= 100; n++) await killed(tree, at("p", String(n)))
      await upAs(tree, at("p", "100"), 2)
    }
  }
]

/** Runs it with real processes, and reads the journal that was written. */
async function record({ tree, act }: Run): Promise<Journal> {
  const lines = [headerLine({ tree, seed: 7 })]
  await using running = await start(tree, { seed: 7, onJournalEntry: (entry) => void lines.push(entryLine(entry)) })
  await act(running)
  await running.stop()
  return readJournal(`${lines.join("\n")}\n`, "the recording", tree)
}

describe("a replay gives the same actions", () => {
  const figures: Array<string> = []
  afterAll(() => console.log(figures.join("\n")))
  for (const run of runs)
    it(run.name, async () => {
      const recording = await record(run)
      const { entries, actions, difference } = replay(recording)
      expect(difference).toBeUndefined()
      expect(entries).toBe(recording.entries.length)
      expect(recording.entries.some(({ actions }) => actions.some(({ _tag }) => _tag === "Finish"))).toBe(true)
      figures.push(`${run.name}: ${entries} events, ${actions} actions`)
      expect(living()).toEqual([])
    })
})

it("a replay notices any difference, in each entry and each of its actions", async () => {
  const recording = await record(runs[1]!)
  const { entries } = recording
  for (const [n, entry] of entries.entries()) {
    if (entry.actions.length === 0) continue
    const altered = { ...recording, entries: entries.with(n, { ...entry, actions: entry.actions.slice(1) }) }
    expect(replay(altered)).toMatchObject({ entries: n, difference: { now: entry.actions } })
  }
  const otherSeed = replay({ ...recording, tree: { ...recording.tree, intensity: 0 } as TreeSpec })
  expect(otherSeed.difference?.entry.event).toMatchObject({ _tag: "Exited" })
})

describe("the simulated world behaves like the real one", () => {
  const later = shell("x", "sleep 0.4; exit 1", { backoff: soon })
  const worlds: ReadonlyArray<[string, TreeSpec]> = [
    [
      "a crash restarts those after it, until the supervisor gives up",
      root([later, sleeper("y")], { strategy: "RestForOne", intensity: 2 })
    ],
    [
      "a supervisor gives up, is restarted, and gives up again",
      root([{ ...root([later], { intensity: 1 }), id: "inner" }], { intensity: 1 })
    ],
    [
      "a job is done, then what needs it crashes",
      root([shell("job", "exit 0", { restart: "transient", ready: "exited" }), later], { intensity: 1 })
    ]
  ]
  it.for(worlds)("%s", async ([, tree]) => {
    const newsOf = ({ actions }: JournalEntry) =>
      actions.flatMap((action) =>
        action._tag === "News" && action.news._tag !== "Spawned" // there are no processes in the simulated world
          ? [`${action.news._tag} ${action.news.path}${"incarnation" in action.news ? `#${action.news.incarnation}` : ""}`]
          : []
      )
    const [real, simulated]: [Array<string>, Array<string>] = [[], []]
    const running = await start(tree, { onJournalEntry: (entry) => void real.push(...newsOf(entry)) })
    await running.ended
    const path = tree.type === "supervisor" && tree.children.some(({ id }) => id === "inner") ? "inner/x" : "x"
    const behaviours = [{ path, lifetime: times.constant("400ms") }]
    simulate(tree, { for: "1h", behaviours, watch: (entry) => void simulated.push(...newsOf(entry)) })
    expect(real.at(-1)).toMatch(/^Ended/)
    expect(simulated).toEqual(real)
  })
})
