/**
 * What is a tree, and yet hardly what its author meant. A finding says where, what follows from what stands there, and what to change.
 *
 * Nothing is run: everything follows from the numbers. What has no finding may still be wrong; a rehearsal shows more.
 */
import { delayMs } from "../core/Backoff.ts"
import { sayDuration } from "../core/Sentence.ts"
import { decodeTreeOrThrow } from "../spec/decode.ts"
import type { Child, Pool, Supervisor, Tree, TreeSpec } from "../spec/Spec.ts"

export interface Finding {
  readonly path: string
  /** The key that it is about. */
  readonly key: string
  /** A sentence: what follows from it. */
  readonly because: string
  /** A sentence: what to change, if that was not meant. */
  readonly advice: string
}

type Branch = Supervisor | Pool
type Remark = Omit<Finding, "path">

/** Every finding, a parent's before its children's. Throws `BadTree` when the spec is none. */
export const lint = (spec: TreeSpec): ReadonlyArray<Finding> => findingsIn(decodeTreeOrThrow(spec))

/** As `lint`, in a tree that is decoded already. */
export function findingsIn(tree: Tree): ReadonlyArray<Finding> {
  const findings: Array<Finding> = []
  const visit = (branch: Branch, path: string, isRoot: boolean): void => {
    const remarks = [neverTrips, tripsAtOnce, stopsTooSoon, waitsForEver, ...(isRoot ? [] : [endsQuietly])].flatMap((rule) => rule(branch))
    findings.push(...remarks.map((remark) => ({ path, ...remark })))
    for (const child of childrenOf(branch)) if (child.type !== "worker") visit(child, `${path}/${child.id}`, false)
  }
  visit(tree, `/${tree.id}`, true)
  return findings
}

const childrenOf = (branch: Branch): ReadonlyArray<Child> => (branch.type === "pool" ? [branch.child] : branch.children)
const restartable = (branch: Branch): ReadonlyArray<Child> => childrenOf(branch).filter(({ restart }) => restart !== "temporary")
/** How many children there are of this one. */
const countOf = (branch: Branch): number => (branch.type === "pool" ? branch.size : 1)

// ---------------------------------------------------------------- limits

/** Who allows so many has lifted the limit on purpose; and nobody need count that far. */
const LIFTED = 100_000

/** A limit that the backoffs keep anybody from crossing: what fails for good is restarted for ever, and nobody above hears of it. */
function neverTrips(branch: Branch): ReadonlyArray<Remark> {
  const { intensity, period } = branch
  if (intensity >= LIFTED) return []
  const spreads = branch.type === "supervisor" && branch.strategy === "RestForOne"
  let most = 0
  for (const child of restartable(branch)) {
    // Under RestForOne the fall of one before it ends its wait early: each of those may bring one restart more.
    most += countOf(branch) * restartsWithin(child, period, intensity + 1) + (spreads ? most : 0)
    if (most > intensity) return []
  }
  if (most === 0) return []
  const because =
    `its limit can never be crossed: however its children fail, backoff lets ${times(most)} fall into ` +
    `${sayDuration(period)}, and ${intensity} are allowed.`
  return [{ key: "intensity", because, advice: `Allow fewer than ${most}, count over a longer period, or start again sooner.` }]
}

/**
 * How many restarts of one child fall into a closed window of this length at most, counted up to `enough`; jitter makes every wait as short
 * as it can. It ends as soon as it has started, except that `lives` times it lives for `forgetAfter`, and its waits begin anew: that is worth
 * the time where they have grown long. Waits never get shorter, so for each number of lives it is best to spread them evenly.
 */
function restartsWithin({ backoff }: Child, period: number, enough: number): number {
  let most = 0
  for (let lives = 0; lives < enough && most < enough; lives++) {
    const series = lives + 1
    let left = period - lives * backoff.forgetAfter
    if (left < lives * delayMs(backoff, 1, 1)) break // each of them comes after a wait
    let count = 1
    for (let attempt = 1; count < enough; attempt++) {
      const wait = delayMs(backoff, attempt, 1)
      const fit = wait === 0 ? enough : Math.min(series, Math.floor(left / wait))
      count += fit
      left -= fit * wait
      if (fit < series) break
    }
    most = Math.max(most, Math.min(count, enough))
  }
  return most
}

/** A limit that is crossed by one hiccup of what all children stand on: that they all fall once is no reason to give up. */
function tripsAtOnce(branch: Branch): ReadonlyArray<Remark> {
  const fallAlone = branch.type === "pool" || branch.strategy === "OneForOne"
  const children = restartable(branch).length * countOf(branch)
  if (children === 0) return []
  if (branch.intensity === 0) {
    const because = "the first exit of any child makes it give up: no restart is allowed."
    return [
      { key: "intensity", because, advice: "Allow at least one, or make the children temporary, which says the same and counts nothing." }
    ]
  }
  if (!fallAlone || children <= branch.intensity) return []
  const because = `if its ${children} children all fall once at the same moment, it gives up: that is ${times(children)}, and ${branch.intensity} are allowed.`
  return [{ key: "intensity", because, advice: `Allow at least ${children}, or OneForAll, which counts them as one.` }]
}

const times = (count: number): string => (count === 1 ? "1 restart" : `${count} restarts`)

// ---------------------------------------------------------------- stopping

/** A supervisor that may be killed while its children still have time. */
function stopsTooSoon(branch: Branch): ReadonlyArray<Remark> {
  const { shutdown } = branch
  if (typeof shutdown !== "number") return []
  const needed = toStop(branch)
  if (needed <= shutdown) return []
  const need = needed === Number.POSITIVE_INFINITY ? "as long as they like" : sayDuration(needed)
  const how = branch.type === "pool" ? "all together" : "one after the other"
  const because = `it is killed ${sayDuration(shutdown)} after it is told to stop, while its children may take ${need}, ${how}.`
  const enough = needed === Number.POSITIVE_INFINITY ? "" : `, or ${sayDuration(needed)}`
  return [{ key: "shutdown", because, advice: `Give it "infinity", which is the default${enough}; or its children less.` }]
}

/** How long all below a supervisor may take to stop: in order, and the instances of a pool together. */
export const toStop = (branch: Branch): number => {
  const each = childrenOf(branch).map(longest)
  return branch.type === "pool" ? (each[0] ?? 0) : each.reduce((sum, ms) => sum + ms, 0)
}

const longest = (child: Child): number => {
  if (child.shutdown === "brutalKill") return 0
  if (typeof child.shutdown === "number") return child.shutdown
  return child.type === "worker" ? Number.POSITIVE_INFINITY : toStop(child)
}

// ---------------------------------------------------------------- starting, and ending

/** Whoever comes after a child that may take for ever to be ready may never be started, and the boot never ends. */
function waitsForEver(branch: Branch): ReadonlyArray<Remark> {
  if (branch.type === "pool") return []
  return branch.children.flatMap((child, place) => {
    if (child.type !== "worker" || child.startTimeout !== "infinity") return []
    if (child.ready.type !== "line" && child.ready.type !== "fd") return []
    const after = branch.children.slice(place + 1).map(({ id }) => id)
    if (after.length === 0) return []
    const because = `${list(after)} ${after.length === 1 ? "is" : "are"} never started if ${child.id} never says that it is ready: it has for ever to do so.`
    return [{ key: `${child.id}.startTimeout`, because, advice: "Give it a time, after which it has failed to start." }]
  })
}

/** Giving up is a normal end: it brings back a permanent supervisor only. */
function endsQuietly(branch: Branch): ReadonlyArray<Remark> {
  if (branch.restart === "permanent" || branch.significant) return []
  const because = `when it gives up, it ends for good and nobody hears of it: its restart is "${branch.restart}", and giving up is a normal end.`
  return [{ key: "restart", because, advice: 'Make it "permanent", which is restarted and counted above; or significant.' }]
}

const list = (ids: ReadonlyArray<string>): string =>
  ids.length > 3 ? `${ids.slice(0, 2).join(", ")} and ${ids.length - 2} more` : ids.join(", ")
