/** Six ways to fail. Each is a tree and a simulated world; the seed decides everything random. */
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
  /** How long nothing could have kept them up, in milliseconds: that is no policy's fault. */
  readonly outageMs: (seed: number) => number
  /** Whether it matters how many are started at once. */
  readonly isHerd?: true
  readonly world: (policy: Policy, seed: number) => SimulateOptions
}

/** The study is about pace, so there is no restart limit. */
const NO_LIMIT = 1_000_000_000

export function treeOf({ backoff, breaker }: Policy, children: number): TreeSpec {
  const workers = Array.from({ length: children }, (_, n) => worker({ id: `c${n}`, start: ["c"], backoff: backoff as BackoffSpec }))
  return supervisor({ id: "root", intensity: NO_LIMIT, children: workers, ...(breaker && { breaker: breaker as BreakerSpec }) })
}

const minutes = (count: number): number => count * 60_000
const hours = (count: number): number => count * 3_600_000
/** When the trouble begins, if it begins at one time. */
const TROUBLE_AT_MS = minutes(1)

/**
 * Up to a sixth more or less, spread evenly over the seeds. Otherwise a policy that happens to try just when the
 * trouble is over would win, and without jitter it would do so for every seed, or for none.
 */
const about = (ms: number) => (seed: number) => Math.round(ms * (1 + (((seed * 0.6180339887) % 1) - 0.5) / 3))
const [hour, fiveMinutes] = [about(hours(1)), about(minutes(5))]
const outage = (forMs: number): Injection => faults.outage("root", { at: TROUBLE_AT_MS, for: forMs })

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
      injections: [outage(hour(seed)), ...(hint ? [faults.hint("c0", { at: TROUBLE_AT_MS + hour(seed) + 1 })] : [])]
    })
  },
  {
    name: "C outage",
    says: "what fifty workers depend on is gone for about five minutes",
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
    says: "exits after 30 s on average, exponentially distributed, for three hours",
    children: 1,
    outageMs: () => 0,
    world: () => ({ for: hours(3), behaviours: [{ path: "root", lifetime: times.exponential("30s") }] })
  },
  {
    name: "F short runs",
    says: "ends after 20 s, for three hours",
    children: 1,
    outageMs: () => 0,
    world: () => ({ for: hours(3), behaviours: [{ path: "root", lifetime: times.constant("20s") }] })
  }
]
