/**
 * Random trees and faults as small plain values: whole numbers and lists. A smaller number or a shorter list means
 * something simpler, so any library that shrinks such values shrinks what they mean.
 */
import type { BackoffSpec, BreakerSpec, StartGateSpec } from "../../tree/Pacing.ts"
import type { ChildSpec, Restart, SupervisorSpec, TreeSpec } from "../../tree/Spec.ts"
import type { BehaviourAt } from "../world/Behaviour.ts"
import type { Distribution } from "../world/Distribution.ts"
import type { ScheduledInjection } from "../world/Injection.ts"

/** Every number is from 0 to `MAX_NUMBER`. */
export interface TreeNumbers {
  readonly kind: number
  readonly restart: number
  readonly limits: number
  readonly pace: number
  readonly kids: ReadonlyArray<TreeNumbers>
}
export interface FaultNumbers {
  readonly what: number
  readonly target: number
  readonly when: number
  readonly long: number
}

export const MAX_CHILDREN = 4
export const MAX_DEPTH = 4
/** The largest number in a numbers. */
export const MAX_NUMBER = 99
/** The default for `most`; and how many behaviours there are at most. */
export const MAX_FAULTS = 20
export const MAX_BEHAVIOURS = 4

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

/** Derives a second choice from the same number. */
const digit = (n: number): number => Math.floor(n / 12)

export function treeOf(numbers: TreeNumbers): TreeSpec {
  const root = supervisorOf(numbers, "root")
  const gate = pick(gates, digit(numbers.restart))
  return { ...root, restart: "permanent", significant: false, ...(gate && { startGate: gate }) }
}

function supervisorOf(numbers: TreeNumbers, id: string): SupervisorSpec | Extract<TreeSpec, { type: "pool" }> {
  const { kind, limits, kids } = numbers
  const breaker = pick(breakers, digit(limits))
  const strategy = pick(["OneForOne", "OneForAll", "RestForOne"] as const, kind)
  const isAlone = kind % 4 === 3 || strategy === "OneForOne"
  const common = {
    ...commonOf(numbers, id),
    intensity: pick([3, 1, 5, 0, 40], limits),
    period: pick(["30s", "1s", "5 minutes"] as const, limits),
    boot: pick(["strict", "strict", "retry"] as const, limits),
    ...(isAlone && breaker && { breaker })
  }
  if (kind % 4 === 3)
    return { ...common, type: "pool", size: kids.length, child: childOf(kids[0] ?? { ...numbers, kids: [] }, "job", false) }
  const autoShutdown = pick(["never", "never", "never", "anySignificant", "allSignificant"] as const, kind)
  const name = (n: number): string => String.fromCharCode(97 + n)
  const children = kids.map((kid, n) => {
    const child = childOf(kid, name(n), autoShutdown !== "never")
    return isAlone && n > 0 && digit(kid.restart) % 3 === 1 ? { ...child, needs: [name(kid.kind % n)] } : child
  })
  const bootConcurrency = strategy === "OneForOne" ? pick([1, 1, 3], kind) : 1
  return { ...common, type: "supervisor", strategy, autoShutdown, bootConcurrency, children }
}

function childOf(numbers: TreeNumbers, id: string, maySignify: boolean): ChildSpec {
  const common = commonOf(numbers, id)
  const significant = maySignify && common.restart !== "permanent" && numbers.kind % 3 === 0
  if (numbers.kids.length > 0) return { ...supervisorOf(numbers, id), significant }
  const isJob = common.restart !== "permanent" && numbers.kind % 4 === 1 && !maySignify
  const shutdown = pick(["5s", "1s", "brutalKill"] as const, numbers.pace)
  const waits = { ready: { type: "line", pattern: "ready" }, startTimeout: "2s" } as const
  const ready = isJob ? ({ ready: "exited" } as const) : numbers.kind % 3 === 2 ? waits : ({ ready: "spawned" } as const)
  return { ...common, type: "worker", start: [id], significant, shutdown, ...ready }
}

const commonOf = ({ restart, pace }: TreeNumbers, id: string) => ({ id, restart: pick(restarts, restart), backoff: pick(backoffs, pace) })

// ---------------------------------------------------------------- faults

/** Every path that exists from the start, the root first. */
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

const lengthsMs = [1000, 100, 5000, 30_000, 300_000]

/** A fault in the first `forMs` milliseconds, at one of these paths. */
export function faultOf({ what, target, when, long }: FaultNumbers, paths: ReadonlyArray<string>, forMs: number): ScheduledInjection {
  const path = pick([...paths].reverse(), target)
  const at = Math.floor((when / (MAX_NUMBER + 1)) * forMs)
  const forA = { forMs: Math.min(pick(lengthsMs, long), forMs) }
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

/** How the workers at one of these paths behave. */
export function behaviourOf({ what, target, when, long }: FaultNumbers, paths: ReadonlyArray<string>): BehaviourAt {
  return {
    path: pick([...paths].reverse(), target),
    lifetime: pick(lifetimes, what),
    starting: { type: "constant", ms: pick([0, 10, 500, 3000], long) },
    stopping: { type: "constant", ms: pick([0, 5, 800, 20_000], when) },
    failedStarts: pick([0, 0, 0.1, 0.5], when),
    exits: pick([[{ _tag: "Code", code: 1 }], [{ _tag: "Code", code: 0 }], [{ _tag: "Signal", signal: "SIGSEGV" }]] as const, long),
    deaf: long % 10 === 7
  }
}
