/**
 * Random trees and faults as small plain values: whole numbers and lists, in which a smaller number or a shorter list means something simpler.
 * Whoever makes such values at random, and shrinks them, shrinks what they mean.
 */
import type { BackoffSpec, BreakerSpec, StartGateSpec } from "../../tree/Pacing.ts"
import type { ChildSpec, Restart, SupervisorSpec, TreeSpec } from "../../tree/Spec.ts"
import type { BehaviourAt } from "../world/Behaviour.ts"
import type { Distribution } from "../world/Distribution.ts"
import type { Dated } from "../world/Injection.ts"

/** Every number is from 0 to 99. */
export interface TreeGene {
  readonly kind: number
  readonly restart: number
  readonly limits: number
  readonly pace: number
  readonly kids: ReadonlyArray<TreeGene>
}
export interface FaultGene {
  readonly what: number
  readonly whom: number
  readonly when: number
  readonly long: number
}

/** So many children has a supervisor at most; so deep is a tree. */
export const WIDEST = 4
export const DEEPEST = 4
/** The largest number there is. */
export const MOST = 99
/** So many faults there are at most, if nothing else is said; and so many workers, or groups of them, that behave oddly. */
export const MOST_FAULTS = 20
export const MOST_HABITS = 4

const pick = <A>(from: ReadonlyArray<A>, n: number): A => from[n % from.length]!

const restarts: ReadonlyArray<Restart> = ["permanent", "permanent", "transient", "temporary"]
const backoffs: ReadonlyArray<BackoffSpec> = [
  { type: "constant", delay: "0s", jitter: 0 },
  { type: "exponential" },
  { type: "linear", initial: "50ms", step: "200ms", cap: "1s", jitter: 0.5 },
  { type: "exponential", initial: "1s", cap: "1 minute", jitter: 0, forgetAfter: "5s" },
  { type: "adaptive" },
  { type: "adaptive", min: "20ms", max: "3s", halfLife: "2s", jitter: 0, startRate: 4 }
]
const breakers: ReadonlyArray<BreakerSpec | undefined> = [
  undefined,
  undefined,
  { failures: 2, share: 0, within: "20s", probeEvery: "2s", stable: "500ms", release: "1s", giveUpAfter: "3s" },
  {}
]
const gates: ReadonlyArray<StartGateSpec | undefined> = [undefined, undefined, { rate: 2, burst: 2, starting: 1 }, { rate: 20, burst: 3 }]

/** Another question asked of the same number. */
const digit = (n: number): number => Math.floor(n / 12)

export function treeOf(gene: TreeGene): TreeSpec {
  const root = supervisorOf(gene, "root")
  const gate = pick(gates, digit(gene.restart))
  return { ...root, restart: "permanent", significant: false, ...(gate && { startGate: gate }) }
}

function supervisorOf(gene: TreeGene, id: string): SupervisorSpec | Extract<TreeSpec, { type: "pool" }> {
  const { kind, limits, kids } = gene
  const breaker = pick(breakers, digit(limits))
  const strategy = pick(["OneForOne", "OneForAll", "RestForOne"] as const, kind)
  const isAlone = kind % 4 === 3 || strategy === "OneForOne"
  const common = {
    ...commonOf(gene, id),
    intensity: pick([3, 1, 5, 0, 40], limits),
    period: pick(["30s", "1s", "5 minutes"] as const, limits),
    boot: pick(["strict", "strict", "retry"] as const, limits),
    ...(isAlone && breaker && { breaker })
  }
  if (kind % 4 === 3) return { ...common, type: "pool", size: kids.length, child: childOf(kids[0] ?? { ...gene, kids: [] }, "job", false) }
  const autoShutdown = pick(["never", "never", "never", "anySignificant", "allSignificant"] as const, kind)
  const name = (n: number): string => String.fromCharCode(97 + n)
  const children = kids.map((kid, n) => {
    const child = childOf(kid, name(n), autoShutdown !== "never")
    return isAlone && n > 0 && digit(kid.restart) % 3 === 1 ? { ...child, needs: [name(kid.kind % n)] } : child
  })
  return { ...common, type: "supervisor", strategy, autoShutdown, children }
}

function childOf(gene: TreeGene, id: string, maySignify: boolean): ChildSpec {
  const common = commonOf(gene, id)
  const significant = maySignify && common.restart !== "permanent" && gene.kind % 3 === 0
  if (gene.kids.length > 0) return { ...supervisorOf(gene, id), significant }
  const isJob = common.restart !== "permanent" && gene.kind % 4 === 1 && !maySignify
  const shutdown = pick(["5s", "1s", "brutalKill"] as const, gene.pace)
  const waits = { ready: { type: "line", pattern: "ready" }, startTimeout: "2s" } as const
  const ready = isJob ? ({ ready: "exited" } as const) : gene.kind % 3 === 2 ? waits : ({ ready: "spawned" } as const)
  return { ...common, type: "worker", start: [id], significant, shutdown, ...ready }
}

const commonOf = ({ restart, pace }: TreeGene, id: string) => ({ id, restart: pick(restarts, restart), backoff: pick(backoffs, pace) })

// ---------------------------------------------------------------- faults

/** Every path of the tree at which there is something from the start, the root first. */
export function pathsOf(tree: TreeSpec): ReadonlyArray<string> {
  const paths: Array<string> = []
  const visit = (node: ChildSpec, path: string): void => {
    paths.push(path)
    if (node.type === "supervisor") for (const child of node.children) visit(child, `${path}/${child.id}`)
    if (node.type === "pool") for (let n = 1; n <= node.size; n++) visit(node.child, `${path}/${n}`)
  }
  visit(tree, `/${tree.id}`)
  return paths
}

const spells = [1000, 100, 5000, 30_000, 300_000]

/** A fault in the first `forMs`, of one of these paths. */
export function faultOf({ what, whom, when, long }: FaultGene, paths: ReadonlyArray<string>, forMs: number): Dated {
  const path = pick([...paths].reverse(), whom)
  const at = Math.floor((when / (MOST + 1)) * forMs)
  const forA = { forMs: Math.min(pick(spells, long), forMs) }
  switch (pick(["kill", "kill", "outage", "hang", "spawnErrors", "swizzle", "stall", "suspend", "clockJump", "hint"] as const, what)) {
    case "kill":
      return { type: "kill", path, at }
    case "hang":
      return { type: "hang", path, at }
    case "hint":
      return { type: "hint", path, at }
    case "outage":
      return { type: "outage", path, at, ...forA }
    case "spawnErrors":
      return { type: "spawnErrors", path, at, ...forA }
    case "swizzle":
      return { type: "swizzle", path, at, ...forA }
    case "stall":
      return { type: "stall", at, ...forA }
    case "suspend":
      return { type: "suspend", at, ...forA }
    case "clockJump":
      return { type: "clockJump", at, byMs: long % 2 === 0 ? forA.forMs : -forA.forMs }
  }
}

const lifetimes: ReadonlyArray<Distribution> = [
  { type: "never" },
  { type: "exponential", meanMs: 60_000 },
  { type: "weibull", scaleMs: 30_000, shape: 0.5 },
  { type: "constant", ms: 50 },
  { type: "exponential", meanMs: 1000 }
]

/** How those at one of these paths behave. */
export function behaviourOf({ what, whom, when, long }: FaultGene, paths: ReadonlyArray<string>): BehaviourAt {
  return {
    path: pick([...paths].reverse(), whom),
    lifetime: pick(lifetimes, what),
    starting: { type: "constant", ms: pick([0, 10, 500, 3000], long) },
    stopping: { type: "constant", ms: pick([0, 5, 800, 20_000], when) },
    failedStarts: pick([0, 0, 0.1, 0.5], when),
    exits: pick([[{ _tag: "Code", code: 1 }], [{ _tag: "Code", code: 0 }], [{ _tag: "Signal", signal: "SIGSEGV" }]] as const, long),
    deaf: long % 10 === 7
  }
}
