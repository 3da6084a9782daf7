/** Six ways to fail. Each is a tree and a world; the seed of the world decides what is left to chance. */
import { type BreakerSpec, supervisor, type TreeSpec, worker } from "../../src/index.ts"
import type { SimulateOptions } from "../../src/sim/simulate.ts"
import { times } from "../../src/sim/world/Distribution.ts"
import { faults, type Injection } from "../../src/sim/world/Injection.ts"
import type { BackoffSpec } from "../../src/tree/Pacing.ts"
import type { Policy } from "./policies.ts"

export interface Scenario {
  readonly name: string
  readonly says: string
  readonly children: number
  /** So long nobody could have kept them up: it is no policy's fault. */
  readonly outageMs: (seed: number) => number
  /** Does it matter how many are started at once? */
  readonly isHerd?: true
  readonly world: (policy: Policy, seed: number) => SimulateOptions
}

/** The study is about pace, so there is no limit. */
const LIFTED = 1_000_000_000

export function treeOf({ backoff, breaker }: Policy, children: number): TreeSpec {
  const workers = Array.from({ length: children }, (_, n) => worker({ id: `c${n}`, start: ["c"], backoff: backoff as BackoffSpec }))
  return supervisor({ id: "root", intensity: LIFTED, children: workers, ...(breaker && { breaker: breaker as BreakerSpec }) })
}

const minutes = (count: number): number => count * 60_000
const hours = (count: number): number => count * 3_600_000
/** When the trouble begins, where it begins at one moment. */
const FROM = minutes(1)

/**
 * A sixth of it more or less, spread evenly over the seeds: else whoever happens to try just when it is over would win, and those without jitter
 * do so in every world, or in none.
 */
const about = (ms: number) => (seed: number) => Math.round(ms * (1 + (((seed * 0.6180339887) % 1) - 0.5) / 3))
const [hour, fiveMinutes] = [about(hours(1)), about(minutes(5))]
const outage = (forMs: number): Injection => faults.outage("root", { at: FROM, for: forMs })

export const scenarios: ReadonlyArray<Scenario> = [
  {
    name: "A transient",
    says: "killed twice in a day",
    children: 1,
    outageMs: () => 0,
    world: () => ({ for: hours(24), injections: [faults.kill("c0"), faults.kill("root")] })
  },
  {
    name: "B broken build",
    says: "ends at once for about an hour, until it is mended",
    children: 1,
    outageMs: hour,
    world: ({ hint }, seed) => ({
      for: hours(2),
      injections: [outage(hour(seed)), ...(hint ? [faults.hint("c0", { at: FROM + hour(seed) + 1 })] : [])]
    })
  },
  {
    name: "C outage",
    says: "what fifty of them stand on is gone for about five minutes",
    children: 50,
    outageMs: fiveMinutes,
    isHerd: true,
    world: (_, seed) => ({ for: minutes(20), injections: [outage(fiveMinutes(seed))] })
  },
  {
    name: "D leak",
    says: "ends every three hours, for a week",
    children: 1,
    outageMs: () => 0,
    world: () => ({ for: hours(7 * 24), behaviours: [{ path: "root", lifetime: times.constant("3h") }] })
  },
  {
    name: "E flapping",
    says: "lives for 30 s in the mean, without memory, for three hours",
    children: 1,
    outageMs: () => 0,
    world: () => ({ for: hours(3), behaviours: [{ path: "root", lifetime: times.exponential("30s") }] })
  },
  {
    name: "F short life",
    says: "ends after 20 s, for three hours",
    children: 1,
    outageMs: () => 0,
    world: () => ({ for: hours(3), behaviours: [{ path: "root", lifetime: times.constant("20s") }] })
  }
]
