/**
 * How many events per second the core handles, for a small supervisor and for growing pools: crash, wait, start, ready,
 * over and over.
 */

import type { Action } from "../src/core/Action.ts"
import { make, step } from "../src/core/Machine.ts"
import { rehearse } from "../src/sim/simulate.ts"
import { times } from "../src/sim/world/Distribution.ts"
import { constant, pool, supervisor, worker } from "../src/tree/constructors.ts"
import { decodeTreeOrThrow } from "../src/tree/decode.ts"
import type { Tree, TreeSpec } from "../src/tree/Spec.ts"

const leaf = worker({ id: "leaf", start: ["true"], backoff: constant({ delay: "10ms" }) })
const decoded = (spec: TreeSpec): Tree => decodeTreeOrThrow(spec)
const list = (size: number) =>
  decoded(supervisor({ id: "list", intensity: 1_000_000, children: Array.from({ length: size }, (_, n) => ({ ...leaf, id: `c${n}` })) }))
const many = (size: number) => decoded(pool({ id: "pool", size, intensity: 1_000_000, child: leaf }))

function eventsPerSecond(tree: Tree, rounds: number): number {
  const state = make(tree)
  let now = 0
  let events = 0
  const queue: Array<Action> = [...step(state, { _tag: "Boot" }, 0)]
  const paths: Array<{ path: string; incarnation: number }> = []
  const drain = (): void => {
    for (let i = 0; i < queue.length; i++) {
      const action = queue[i]!
      if (action._tag === "Spawn") {
        const of = { path: action.path, incarnation: action.incarnation }
        paths.push(of)
        queue.push(...step(state, { _tag: "Ready", ...of }, now))
        events++
      } else if (action._tag === "Wake") {
        now = Math.max(now, action.at)
        queue.push(...step(state, { _tag: "Wake", path: action.path, incarnation: action.incarnation, purpose: action.purpose }, now))
        events++
      }
    }
    queue.length = 0
  }
  drain()
  events = 0
  const begin = performance.now()
  for (let i = 0; i < rounds; i++) {
    queue.push(...step(state, { _tag: "Exited", ...paths[i]!, exit: { _tag: "Code", code: 1 } }, now))
    events++
    drain()
  }
  return Math.round((events * 1000) / (performance.now() - begin))
}

/**
 * The same in a simulated world, as in `supervise rehearse`: hours in which each leaf runs for half a minute at a time.
 */
function rehearsedPerSecond(tree: Tree, hours: number): number {
  const begin = performance.now()
  const { events } = rehearse(tree, { for: `${hours}h`, behaviours: [{ path: tree.id, lifetime: times.exponential("30s") }] })
  return Math.round((events * 1000) / (performance.now() - begin))
}

const rounds = 100_000
eventsPerSecond(many(10), rounds)
const base = eventsPerSecond(many(10), rounds)
const rates: Record<string, number> = {
  "pool of 10": base,
  "pool of 1,000": eventsPerSecond(many(1000), rounds),
  "pool of 10,000": eventsPerSecond(many(10_000), rounds),
  "supervisor of 10": eventsPerSecond(list(10), rounds),
  "supervisor of 1,000": eventsPerSecond(list(1000), 2000),
  "rehearsed pool of 10": rehearsedPerSecond(many(10), 100),
  "rehearsed pool of 1,000": rehearsedPerSecond(many(1000), 1)
}
if (process.argv.includes("--json")) console.log(JSON.stringify(rates))
else {
  for (const [name, rate] of Object.entries(rates)) {
    console.log(`${name.padEnd(28)} ${String(rate).padStart(10)} events/s   ${(rate / base).toFixed(2)} × a pool of 10`)
  }
}
