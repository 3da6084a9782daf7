/** Laws of the start gate, whatever children start, crash and restart. */
import assert from "node:assert/strict"
import * as fc from "fast-check"
import type { Event, Incarnation } from "../../../src/core/Event.ts"
import type { TreeState } from "../../../src/core/State.ts"
import type { Child, Strategy, Tree } from "../../../src/tree/Spec.ts"
import { between, holdsFor } from "../chance.ts"
import { workerOf } from "../workerOf.ts"
import type { Law, Pacing } from "./Law.ts"

interface Gene {
  readonly rate: number
  readonly burst: number
  readonly starting: number
  readonly strategies: ReadonlyArray<Strategy | "pool">
  readonly children: number
  readonly luck: number
}

const whole = (min: number, max: number) => fc.integer({ min, max })
const gene: fc.Arbitrary<Gene> = fc.record({
  rate: fc.oneof(fc.constantFrom(0.5, 3, 10, 1000), between(0.1, 100)),
  burst: whole(1, 10),
  starting: fc.constantFrom(1, 2, 1000),
  strategies: fc.array(fc.constantFrom("OneForOne" as const, "OneForAll" as const, "RestForOne" as const, "pool" as const), {
    minLength: 1,
    maxLength: 3
  }),
  children: whole(1, 8),
  luck: whole(0, 2 ** 31 - 1)
})

const common = { restart: "permanent", significant: false, shutdown: 1000, needs: [] } as const
const limits = { intensity: 1e9, period: 1000, onIntensity: "escalate", retryAfter: 60_000, boot: "retry" } as const

function treeOf({ strategies, children, rate, burst, starting }: Gene): Tree {
  const constant = (delay: number) => ({ type: "constant", delay, jitter: 0, forgetAfter: 0 }) as const
  const leaf = (n: number): Child =>
    workerOf({ ...common, id: `w${n}`, backoff: constant(n % 3 === 0 ? 0 : 40 * n) }, "spawned", "infinity")
  const branch = (strategy: Strategy | "pool", n: number): Child => {
    const own = { ...common, ...limits, id: `s${n}`, backoff: constant(0) }
    return strategy === "pool"
      ? { ...own, type: "pool", size: children, max: children, child: leaf(1) }
      : {
          ...own,
          type: "supervisor",
          strategy,
          autoShutdown: "never",
          bootConcurrency: 1,
          children: Array.from({ length: children }, (_, k) => leaf(k))
        }
  }
  const root = { ...common, ...limits, id: "root", backoff: constant(0), startGate: { rate, burst, starting } }
  return {
    ...root,
    type: "supervisor",
    strategy: "OneForOne",
    autoShutdown: "never",
    bootConcurrency: 1,
    children: strategies.map(branch)
  } as Tree
}

interface Outcome {
  /** When each child was started. */
  readonly starts: ReadonlyArray<number>
  /** The largest number that were starting at once. */
  readonly most: number
}

const EVENTS = 600
const nameOf = ({ path, incarnation }: Incarnation): string => `${path}#${incarnation}`

/** Each child is ready after some time, ends after some time, and is started again. */
function simulate({ make, step, jitterOf }: Pacing, gene: Gene): Outcome {
  const tree: TreeState = make(treeOf(gene), gene.luck)
  const queue: Array<{ readonly at: number; readonly event: Event }> = [{ at: 0, event: { _tag: "Boot" } }]
  const starts: Array<number> = []
  const starting = new Set<string>()
  const running = new Map<string, number>()
  let most = 0
  const takes = ({ path, incarnation }: Incarnation, salt: number): number =>
    Math.floor(jitterOf(gene.luck ^ salt, path, incarnation) ** 3 * 2000)
  for (let n = 0; n < EVENTS && queue.length > 0; n++) {
    queue.sort((a, b) => a.at - b.at)
    const { at, event } = queue.shift()!
    if (event._tag === "Ready" || event._tag === "Exited") starting.delete(nameOf(event))
    if (event._tag === "Exited" && running.get(event.path) === event.incarnation) running.delete(event.path)
    for (const action of step(tree, event, at)) {
      if (action._tag === "Wake") queue.push({ at: Math.max(at, action.at), event: { ...action, _tag: "Wake" } })
      if (action._tag !== "Spawn" && action._tag !== "Stop") continue
      const of = { path: action.path, incarnation: action.incarnation }
      const exited = { ...of, _tag: "Exited", exit: { _tag: "Code", code: 1 } } as const
      if (action._tag === "Stop" && running.get(of.path) === of.incarnation) queue.push({ at, event: exited })
      if (action._tag === "Stop") starting.delete(nameOf(of)) // it is no longer starting
      if (action._tag === "Stop") continue
      running.set(of.path, of.incarnation)
      starts.push(at)
      starting.add(nameOf(of))
      most = Math.max(most, starting.size)
      const readyAt = at + takes(of, 1)
      queue.push({ at: readyAt, event: { _tag: "Ready", ...of } }, { at: readyAt + takes(of, 2), event: exited })
    }
  }
  return { starts, most }
}

export const gateLaws: ReadonlyArray<Law> = [
  {
    title: "no closed window of the length w has more starts than burst + ⌊rate × w⌋ + 1",
    holds: (pacing) =>
      holdsFor(
        fc.property(gene, (gene) => {
          const { starts } = simulate(pacing, gene)
          for (const [n, from] of starts.entries())
            for (let m = n; m < starts.length; m++) {
              const allowed = gene.burst + Math.floor(((starts[m]! - from) / 1000) * gene.rate + 1e-9) + 1
              assert.ok(m - n + 1 <= allowed, `${m - n + 1} starts from ${from} to ${starts[m]} ms, and ${allowed} are allowed`)
            }
        }),
        150
      )
  },
  {
    title: "no more children than allowed are starting at once",
    holds: (pacing) => holdsFor(fc.property(gene, (gene) => assert.ok(simulate(pacing, gene).most <= gene.starting)))
  },
  {
    title: "the gate admits as many as it may: a child that waits waits for a token, or for one that is starting",
    holds: (pacing) => {
      const gene: Gene = { rate: 10, burst: 4, starting: 1000, strategies: ["pool"], children: 40, luck: 0 }
      const { starts } = simulate(pacing, gene)
      assert.equal(starts.filter((at) => at === 0).length, 4)
      const until = starts.at(-1)!
      assert.ok(starts.length >= 4 + Math.floor((until / 1000) * 10) - 1, `${starts.length} starts in ${until} ms`)
    }
  }
]
