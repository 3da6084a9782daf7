/** Random trees and scripts as small plain values, which shrink well. `specOf` and the world decide what they mean. */
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import type { Backoff } from "../../../src/tree/Pacing.ts"
import type { Child, Restart, Tree } from "../../../src/tree/Spec.ts"
import { workerOf } from "../workerOf.ts"

export interface TreeGene {
  readonly type: number
  readonly restart: number
  readonly limits: number
  readonly shutdown: number
  readonly children: ReadonlyArray<TreeGene>
}
/** One thing that happens: what, to which child, how. */
export interface Act {
  readonly what: number
  readonly target: number
  readonly how: number
}
export interface Gene {
  readonly tree: TreeGene
  readonly acts: ReadonlyArray<Act>
  readonly luck: number
}

const small = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: max }))
const leaf = { type: small(99), restart: small(99), limits: small(99), shutdown: small(99) }
const level0 = Schema.Struct({ ...leaf, children: Schema.Array(Schema.Never).check(Schema.isMaxLength(0)) })
const level1 = Schema.Struct({ ...leaf, children: Schema.Array(level0).check(Schema.isMaxLength(4)) })
const level2 = Schema.Struct({ ...leaf, children: Schema.Array(level1).check(Schema.isMaxLength(4)) })
const level3 = Schema.Struct({ ...leaf, children: Schema.Array(level2).check(Schema.isMaxLength(4)) })
const act = Schema.Struct({ what: small(99), target: small(99), how: small(99) })

export const generator: Arbitrary.Arbitrary<Gene> = Arbitrary.schema(
  Schema.Struct({ tree: level3, acts: Schema.Array(act).check(Schema.isMaxLength(80)), luck: small(1_000_000) })
)

const pick = <A>(from: ReadonlyArray<A>, n: number): A => from[n % from.length]!
const restarts: ReadonlyArray<Restart> = ["permanent", "permanent", "transient", "temporary"]
const backoffs: ReadonlyArray<Backoff> = [
  { type: "adaptive", min: 50, max: 2000, factor: 2, halfLife: 1000, jitter: 0.5, pressure: 1, startRate: 10 },
  { type: "constant", delay: 0, jitter: 0, forgetAfter: 5000 },
  { type: "exponential", initial: 100, factor: 2, cap: 3000, jitter: 0.2, forgetAfter: 5000 },
  { type: "linear", initial: 50, step: 200, cap: 1000, jitter: 0.5, forgetAfter: 5000 }
]

const breaker = { failures: 2, share: 0.3, within: 2000, probeEvery: 1000, stable: 300, release: 500, giveUpAfter: 200 }
const heartbeat = {
  from: { type: "fd" },
  every: 100,
  model: "hybrid",
  suspect: 3,
  convict: 8,
  grace: 500,
  hangAfter: 500,
  startupGrace: 1000
} as const

export const specOf = (gene: TreeGene): Tree => {
  const root = childOf({ ...gene, children: gene.children.length > 0 ? gene.children : [{ ...gene, children: [] }] }, "root")
  const startGate = gene.restart % 4 === 1 ? { startGate: { rate: 20, burst: 2, starting: 2 } } : {}
  return { ...root, restart: "permanent", significant: false, ...startGate } as Tree
}

export function childOf(gene: TreeGene, id: string, autoShutdown = "never", needs: ReadonlyArray<string> = []): Child {
  const restart = pick(restarts, gene.restart)
  const significant = restart !== "permanent" && autoShutdown !== "never" && gene.restart % 3 === 0
  const shutdown = pick([1000, 5000, "brutalKill", "infinity"] as const, gene.shutdown)
  const common = { id, restart, significant, shutdown, backoff: pick(backoffs, gene.limits), needs }
  if (gene.children.length === 0) {
    const ready = restart !== "permanent" && autoShutdown === "never" && gene.type % 4 === 0 ? "exited" : "spawned"
    const startTimeout = gene.type % 3 === 0 ? 2000 : ("infinity" as const)
    return { ...workerOf(common, ready, startTimeout), heartbeat }
  }
  const strategy = pick(["OneForOne", "OneForAll", "RestForOne"] as const, gene.type)
  const isIndependent = gene.type % 4 === 3 || strategy === "OneForOne"
  const boot = gene.limits % 5 < 2 ? ("retry" as const) : ("strict" as const)
  const limits = {
    ...common,
    intensity: pick([1, 3, 9, 0, 40], gene.limits),
    period: pick([1000, 10_000], gene.shutdown),
    boot,
    onIntensity: strategy !== "OneForAll" && gene.shutdown % 2 === 0 ? ("failChild" as const) : ("escalate" as const),
    retryAfter: pick([2000, 60_000, 500], gene.limits),
    ...(isIndependent && gene.limits % 3 > 0 ? { breaker } : {})
  }
  if (gene.type % 4 === 3) return { ...limits, type: "pool", size: gene.children.length, max: 8, child: childOf(gene.children[0]!, "t") }
  const auto = pick(["never", "never", "anySignificant", "allSignificant"] as const, gene.shutdown)
  return {
    ...limits,
    type: "supervisor",
    strategy,
    autoShutdown: auto,
    bootConcurrency: strategy === "OneForOne" ? pick([1, 2, 1, 9], gene.limits) : 1,
    children: gene.children.map((child, n) =>
      childOf(
        child,
        `c${n}`,
        auto,
        strategy === "OneForOne" && n > 0 && child.shutdown % 3 > 0 ? [pick(["c0", `c${n - 1}`], child.type)] : []
      )
    )
  }
}
