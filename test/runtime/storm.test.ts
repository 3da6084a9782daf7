/**
 * A storm: leaves below every kind of supervisor are killed at random from outside, and the tree keeps its promises.
 */
import * as Effect from "effect/Effect"
import { type ChildSpec, pool, type TreeEvent } from "supervise"
import { expect } from "vitest"
import { decodeTree } from "../../src/tree/decode.ts"
import { launch } from "./launched.ts"
import { eventually, living, look, PATIENCE_MS, type Seen, signal } from "./processes.ts"
import { at, flatten, root, sleeper, story } from "./tree.ts"

const SECONDS = Number(process.env.STORM_SECONDS ?? 20)
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
/** About this many are killed in a second, some of them at the same moment. */
const KILLS_PER_SECOND = 60
const SCAN_EVERY_MS = 250

const enough = { intensity: 100_000, period: "1 second" } as const
const five = (of: string) => Array.from({ length: 5 }, (_, i) => sleeper(`${of}${i}`))
const groups = (strategy: "OneForAll" | "RestForOne"): ReadonlyArray<ChildSpec> =>
  Array.from({ length: 8 }, (_, i) => ({ type: "supervisor", id: `${strategy}-${i}`, strategy, ...enough, children: five("leaf") }))

const spec = root(
  [
    pool({ id: "pool", size: 80, ...enough, child: sleeper("job") }),
    { type: "supervisor", id: "alone", ...enough, children: Array.from({ length: 40 }, (_, i) => sleeper(`leaf${i}`)) },
    ...groups("OneForAll"),
    ...groups("RestForOne")
  ],
  enough
)
const LEAVES = 200

/** An incarnation must end before the next one begins, and numbers only go up. */
class Judge {
  readonly offences: Array<string> = []
  readonly pids = new Map<string, number>()
  spawned = 0
  private readonly alive = new Map<string, number>()
  private readonly highest = new Map<string, number>()

  readonly see = (event: TreeEvent): void => {
    if (event._tag === "Spawned") {
      const { path, incarnation } = event
      const before = this.alive.get(path)
      if (before !== undefined) this.offences.push(`${path}: ${incarnation} was spawned while ${before} had not ended`)
      if (incarnation <= (this.highest.get(path) ?? 0)) this.offences.push(`${path}: ${incarnation} is not higher than all before`)
      this.alive.set(path, incarnation)
      this.highest.set(path, incarnation)
      this.pids.set(path, event.pid)
      this.spawned++
    } else if (event._tag === "Exited" || event._tag === "Stopped" || event._tag === "StartFailed") {
      if (this.alive.get(event.path) === event.incarnation) this.alive.delete(event.path)
    } else if (event._tag === "Ending" && event.exit._tag !== "Shutdown") {
      this.offences.push(`${event.path} went down by itself`)
    }
  }

  /**
   * Two processes of one path, both still there at a second look: in one scan the older one may have ended before the
   * newer one was seen.
   */
  readonly scan = (): void => {
    const first = new Map<string, Seen>()
    for (const seen of living()) {
      const other = first.get(seen.path ?? "")
      first.set(seen.path ?? "", seen)
      if (other !== undefined && look(other.pid) !== undefined && look(seen.pid) !== undefined) {
        this.offences.push(`${seen.path} runs twice: ${JSON.stringify([other, seen])}`)
      }
    }
  }
}

/** mulberry32 */
const dice = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

/** Kills until the time is over. Answers how many. */
const storm = async (judge: Judge): Promise<number> => {
  const random = dice(SEED)
  const end = performance.now() + SECONDS * 1000
  let nextScan = 0
  let killed = 0
  while (performance.now() < end) {
    const paths = [...judge.pids.keys()]
    const burst = 1 + Math.floor(random() * 5)
    for (let i = 0; i < burst; i++) {
      const victim = judge.pids.get(paths[Math.floor(random() * paths.length)]!)!
      if (signal(victim, "SIGKILL")) killed++
    }
    await new Promise((resolve) => setTimeout(resolve, (random() * 2 * burst * 1000) / KILLS_PER_SECOND))
    if (performance.now() < nextScan) continue
    nextScan = performance.now() + SCAN_EVERY_MS
    judge.scan()
  }
  return killed
}

story(
  `keeps ${LEAVES} leaves up while they are killed at random for ${SECONDS} s: never two of the same path, and no orphan`,
  Effect.gen(function* () {
    console.log(`storm: replay with SEED=${SEED} STORM_SECONDS=${SECONDS} npx vitest run test/runtime/storm.test.ts`)
    const judge = new Judge()
    yield* Effect.scoped(
      Effect.gen(function* () {
        const tree = yield* decodeTree(spec)
        const { control, booted } = yield* launch(tree, { seed: SEED }, judge.see)
        yield* booted
        expect(living()).toHaveLength(LEAVES)
        const killed = yield* Effect.promise(() => storm(judge))
        console.log(`storm: ${killed} killed, ${judge.spawned - LEAVES} started again`)
        expect(killed).toBeGreaterThan(SECONDS)

        const resting = Effect.map(control.snapshot, ({ root }) => {
          const leaves = flatten(root).filter(({ type }) => type === "worker")
          const wrong = leaves.filter(({ phase, path, pid, incarnation }) => {
            const seen = phase === "up" && pid !== undefined ? look(pid) : undefined
            return seen?.path !== path || seen.incarnation !== incarnation
          })
          return leaves.length === LEAVES && wrong.length === 0 ? leaves : undefined
        })
        const leaves = yield* Effect.promise(() => eventually("every leaf is up again", () => Effect.runSync(resting)))
        const known = new Map(leaves.map(({ path, pid }) => [path, pid]))
        yield* Effect.promise(() => eventually("only processes that the tree knows are left", () => living().length === LEAVES))
        for (const { path, pid } of living()) expect(known.get(path!)).toBe(pid)
        expect(flatten((yield* control.snapshot).root).filter(({ phase }) => phase !== "up")).toEqual([])
        expect(yield* control.countChildren(at("pool"))).toMatchObject({ active: 80 })
      })
    )
    expect(judge.offences).toEqual([])
    expect(living()).toEqual([])
  }),
  SECONDS * 1000 + 2 * PATIENCE_MS
)
