/**
 * The breaker of a group: where many fail together, the cause is hardly in each of them, and to restart them all again and again would only
 * keep it from coming back. So it holds them, and sends one ahead; when that one stays up, the others follow, a few at a time.
 *
 *   closed ── so many different ones fail within a time ──→ open ── the one ahead is up ──→ half open ── it stays up ──→ closed
 *
 * If the one ahead fails, the next one is sent: it may have been broken for a reason of its own. While it is open nothing is counted; but its
 * patience is limited, and then the failure of whoever was sent ahead is counted, one after the other. It lets nobody go even so: they would
 * all fail again. So a cause that stays is met by the limit of the supervisor, and a limit that is lifted by one start every few seconds.
 */

import { defer } from "./Child.ts"
import type { Counted, Evidence } from "./Decision.ts"
import { isNormal } from "./Exit.ts"
import { unmet } from "./Needs.ts"
import { jitterOf } from "./pacing/Backoff.ts"
import { countRecent } from "./pacing/RecentFailures.ts"
import { act, type BreakerState, type ChildState, incarnationOf, type SupervisorState, setPhase, type TreeState, tell } from "./State.ts"

/** The first is sent ahead after so long, at most; the next ones after twice as long each. */
const FIRST_PROBE_MS = 100

/** A child has failed: is it the breaker's affair? Not if it fails for itself; `counted` if it was sent ahead, and patience is at an end. */
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
  const wasAhead = breaker.probe === child
  leaveBreaker(sup, child)
  return wasAhead && tree.now - breaker.since >= spec.giveUpAfter ? "counted" : "deferred"
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

/** It waits for the others, not for a time of its own. */
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

/** It is stopped, or on its own again. */
export function leaveBreaker({ breaker }: SupervisorState, child: ChildState): void {
  if (breaker === undefined) return
  breaker.pending.delete(child)
  if (breaker.probe !== child) return
  breaker.probe = undefined
  if (breaker.phase === "halfOpen") breaker.phase = "open"
}

/** Sees to it that somebody is ahead as long as it is open. */
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

/** The first that needs nobody who is down; where all do, the first. */
function nextProbe(sup: SupervisorState, breaker: BreakerState): ChildState | undefined {
  let first: ChildState | undefined
  for (const child of breaker.pending) {
    if (!isPending(child)) breaker.pending.delete(child)
    else if (unmet(sup, child) === undefined) return child
    else first ??= child
  }
  return first
}

/** Nobody has stopped it for good, and it does not wait for a sibling that may be held itself. */
const canStillStart = (sup: SupervisorState, child: ChildState): boolean =>
  sup.children.get(child.id) === child &&
  !sup.toStop.has(child) &&
  (child.phase !== "down" || sup.toStart.has(child)) &&
  !(child.phase === "pending" && child.pendingOn?._tag === "Need")

/** Has not been stopped, or started by hand, meanwhile. */
const isPending = (child: ChildState): boolean => child.phase === "pending" && child.pendingOn?._tag === "Breaker"

/** A child is up. If it is the one ahead, it has to stay so. */
export function probeIsUp(tree: TreeState, { breaker }: SupervisorState, child: ChildState): void {
  if (breaker?.probe !== child) return
  breaker.phase = "halfOpen"
  act(tree, { _tag: "Wake", ...incarnationOf(child), purpose: "stable", at: tree.now + breaker.spec.stable })
}

/** The one ahead has been up for long enough: the others follow. */
export function probeStayedUp(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  const { breaker } = sup
  if (breaker?.probe === child && breaker.phase === "halfOpen" && child.phase === "up") close(tree, sup, breaker)
}

/** Also when nobody is held any more. */
function close(tree: TreeState, sup: SupervisorState, breaker: BreakerState): void {
  const pending = [...breaker.pending].filter(isPending)
  breaker.phase = "closed"
  breaker.probe = undefined
  breaker.pending.clear()
  tell(tree, { _tag: "BreakerClosed", path: sup.path, pending: pending.length })
  pending.forEach((child, n) => {
    const delayMs = Math.ceil(((n + 1) * breaker.spec.release) / pending.length)
    setPhase(tree, child, "backoff")
    child.pendingOn = undefined
    child.until = tree.now + delayMs
    tell(tree, { _tag: "Released", ...incarnationOf(child), delayMs })
    act(tree, { _tag: "Wake", ...incarnationOf(child), purpose: "backoff", at: child.until })
  })
}
