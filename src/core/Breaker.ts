/**
 * The breaker of a group. When many children fail at once the cause is probably shared, and restarting them all delays
 * recovery. The breaker defers them, starts one as a probe, and when that one stays up releases the others, a few at a
 * time.
 *
 *   closed ── enough children fail within a time ──→ open ── probe is up ──→ half open ── it stays up ──→ closed
 *
 * If the probe fails, the next child becomes the probe: the first may have been broken for a reason of its own. Nothing
 * is counted while the breaker is open, until its patience (`giveUpAfter`) is over: then each failed probe counts
 * against the limit of the supervisor. The others are not released even then: they would fail again. So a cause that
 * stays is met by the limit; and with a limit that is never reached, or with `onIntensity: "failChild"`, by one start
 * every few seconds.
 */

import type { Breaker } from "../tree/Pacing.ts"
import { defer } from "./Child.ts"
import type { Counted, Evidence } from "./Decision.ts"
import { isNormal } from "./Exit.ts"
import { act, tell } from "./emit.ts"
import { unmet } from "./Needs.ts"
import { jitterOf } from "./pacing/Backoff.ts"
import { countRecent } from "./pacing/RecentFailures.ts"
import { type BreakerState, type ChildState, failsChildren, incarnationOf, type SupervisorState, type TreeState } from "./State.ts"
import { setPhase } from "./transition.ts"

/** The first probe starts after at most this time; each further one after twice as long. */
const FIRST_PROBE_MS = 100

export const closedBreaker = (spec: Breaker): BreakerState => ({
  spec,
  phase: "closed",
  since: 0,
  probes: 0,
  probe: undefined,
  pending: new Set(),
  recentFailures: new Map()
})

/**
 * A child has failed: is it the breaker's affair? `no`: it fails for itself. `counted`: it was the probe, and the
 * breaker's patience is over.
 */
export function trips(tree: TreeState, sup: SupervisorState, breaker: BreakerState, child: ChildState): "no" | "deferred" | "counted" {
  const { spec } = breaker
  if (breaker.phase === "closed") {
    const failed = countRecent(breaker.recentFailures, child.id, tree.now, spec.within)
    const of = sup.children.size
    if (failed < spec.failures || failed < spec.share * of) return "no"
    tell(tree, { _tag: "BreakerOpened", path: sup.path, failed, of, withinMs: spec.within })
    open(tree, sup, breaker)
    return "deferred"
  }
  const wasProbe = breaker.probe === child
  leaveBreaker(sup, child)
  const isPatienceOver = tree.now - breaker.since >= spec.giveUpAfter
  return wasProbe && isPatienceOver && !failsChildren(sup) ? "counted" : "deferred"
}

function open(tree: TreeState, sup: SupervisorState, breaker: BreakerState): void {
  breaker.phase = "open"
  breaker.since = tree.now
  breaker.probes = 0
  breaker.recentFailures.clear()
  for (const child of sup.children.values()) {
    if (child.phase !== "backoff" || sup.toStop.has(child) || child.lastExit === undefined) continue
    deferForBreaker(tree, sup, breaker, child, { exit: child.lastExit, normal: isNormal(child.spec, child.lastExit), uptimeMs: 0 })
  }
}

/** It waits for the probe, not for a delay of its own. */
export function deferForBreaker(
  tree: TreeState,
  sup: SupervisorState,
  breaker: BreakerState,
  child: ChildState,
  evidence: Evidence,
  window?: Counted
): void {
  breaker.pending.add(child)
  defer(tree, sup, child, { _tag: "Breaker" }, evidence, { path: sup.path, key: "breaker" }, window)
}

/** It is stopped, or restarted by itself again. */
export function leaveBreaker({ breaker }: SupervisorState, child: ChildState): void {
  if (breaker === undefined) return
  breaker.pending.delete(child)
  if (breaker.probe !== child) return
  breaker.probe = undefined
  if (breaker.phase === "halfOpen") breaker.phase = "open"
}

/** While the breaker is open there is always a probe. */
export function advanceBreaker(tree: TreeState, sup: SupervisorState): void {
  const { breaker } = sup
  if (breaker === undefined || breaker.phase === "closed" || sup.mode === "ending") return
  if (breaker.probe !== undefined && !canStillStart(sup, breaker.probe)) leaveBreaker(sup, breaker.probe)
  if (breaker.probe !== undefined) return
  const next = nextProbe(sup, breaker)
  if (next === undefined) return close(tree, sup, breaker)
  breaker.pending.delete(next)
  breaker.probe = next
  const longest = Math.min(breaker.spec.probeEvery, FIRST_PROBE_MS * 2 ** Math.min(breaker.probes++, 30))
  const delayMs = Math.round(longest * (1 - jitterOf(tree.seed, next.path, next.record.incarnation) / 2))
  tell(tree, { _tag: "ProbeStarted", ...incarnationOf(next), delayMs })
  next.until = tree.now + delayMs
  act(tree, { _tag: "Wake", ...incarnationOf(next), purpose: "probe", at: next.until })
}

/** The first child whose needs are up; if there is none, the first child. */
function nextProbe(sup: SupervisorState, breaker: BreakerState): ChildState | undefined {
  let first: ChildState | undefined
  for (const child of breaker.pending) {
    if (!isPending(child)) breaker.pending.delete(child)
    else if (unmet(sup, child) === undefined) return child
    else first ??= child
  }
  return first
}

/** It was not stopped for good, and does not wait for a sibling that may be deferred, too. */
const canStillStart = (sup: SupervisorState, child: ChildState): boolean =>
  sup.children.get(child.id) === child &&
  !sup.toStop.has(child) &&
  (child.phase !== "down" || sup.toStart.has(child)) &&
  child.pendingOn?._tag !== "Need"

/** It has not been stopped, or started by hand, meanwhile. */
const isPending = (child: ChildState): boolean => child.pendingOn?._tag === "Breaker"

/** A child is up. If it is the probe, it has to stay up. */
export function probeIsUp(tree: TreeState, { breaker }: SupervisorState, child: ChildState): void {
  if (breaker?.probe !== child) return
  breaker.phase = "halfOpen"
  act(tree, { _tag: "Wake", ...incarnationOf(child), purpose: "stable", at: tree.now + breaker.spec.stable })
}

/** The probe has been up for long enough: the others are released. */
export function probeStayedUp(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  const { breaker } = sup
  if (breaker?.probe === child && breaker.phase === "halfOpen" && child.phase === "up") close(tree, sup, breaker)
}

/** Also when no child is deferred any more. */
function close(tree: TreeState, sup: SupervisorState, breaker: BreakerState): void {
  const pending = [...breaker.pending].filter(isPending)
  breaker.phase = "closed"
  breaker.probe = undefined
  breaker.pending.clear()
  tell(tree, { _tag: "BreakerClosed", path: sup.path, pending: pending.length })
  pending.forEach((child, n) => {
    const delayMs = Math.ceil(((n + 1) * breaker.spec.release) / pending.length)
    setPhase(tree, child, "backoff")
    child.until = tree.now + delayMs
    tell(tree, { _tag: "Released", ...incarnationOf(child), delayMs })
    act(tree, { _tag: "Wake", ...incarnationOf(child), purpose: "backoff", at: child.until })
  })
}
