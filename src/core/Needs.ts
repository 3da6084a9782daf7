/** Siblings without which a child is of no use. What falls while one of them is down has not failed: it waits for it, uncounted. */
import { defer } from "./Child.ts"
import type { Evidence } from "./Decision.ts"
import { tell } from "./emit.ts"
import { type ChildState, failsChildren, incarnationOf, type SupervisorState, type TreeState } from "./State.ts"
import { isGroupStrategy } from "./Strategy.ts"
import { becomePending, setPhase } from "./transition.ts"

/** A sibling that it needs and that is not up, though it will be, or should. */
export function unmet(sup: SupervisorState, child: ChildState): ChildState | undefined {
  for (const id of child.spec.needs) {
    const other = sup.children.get(id)
    if (other !== undefined && !isMet(sup, other) && !waitsFor(sup, other, child)) return other
  }
  return failsChildren(sup) && isGroupStrategy(sup) ? failedBefore(sup, child) : undefined
}

/** Under RestForOne a child needs all that are before it in the list: also one that has failed, and has not come back yet. */
function failedBefore(sup: SupervisorState, child: ChildState): ChildState | undefined {
  for (const other of sup.children.values()) {
    if (other === child) return undefined
    if (other.failures !== undefined && !isMet(sup, other)) return other
  }
  return undefined
}

/** What is to be started in its turn waits for a failed child before it; boot does not wait for it any more. */
export function deferBehindFailed(tree: TreeState, sup: SupervisorState): void {
  for (const child of sup.toStart) {
    const failed = child.independent || child.phase !== "down" ? undefined : failedBefore(sup, child)
    if (failed === undefined) continue
    becomePending(tree, child, { _tag: "Need", path: failed.path })
    sup.pendingOnNeed.add(child)
    sup.bootWaitsFor.delete(child)
  }
}

/** Is it the same, or held for it, directly or not? A tree has no such circle, but a child that is added may close one. */
function waitsFor(sup: SupervisorState, other: ChildState, child: ChildState, seen = new Set<ChildState>()): boolean {
  if (other === child) return true
  if (other.phase !== "pending" || other.pendingOn?._tag !== "Need" || seen.has(other)) return false
  seen.add(other)
  return other.spec.needs.some((id) => {
    const next = sup.children.get(id)
    return next !== undefined && waitsFor(sup, next, child, seen)
  })
}

/** Is up and to stay so; or nobody is going to start it, because it has done what it is for, or has nothing to run. */
function isMet(sup: SupervisorState, other: ChildState): boolean {
  if (sup.toStop.has(other)) return false
  if (other.phase === "up") return other.conviction === undefined
  return other.phase === "down" && !other.record.hold && !sup.toStart.has(other)
}

/** It is started when what it needs is there. */
export function deferForNeed(tree: TreeState, sup: SupervisorState, child: ChildState, need: ChildState, evidence: Evidence): void {
  sup.pendingOnNeed.add(child)
  defer(tree, sup, child, { _tag: "Need", path: need.path }, evidence, { path: child.path, key: "needs" })
}

/** Lets those go whose needs are met, also because nobody is there any more who could meet them. */
export function resumeReady(tree: TreeState, sup: SupervisorState): void {
  for (const child of sup.pendingOnNeed) {
    const isHeld = child.phase === "pending" && child.pendingOn?._tag === "Need"
    if (isHeld && unmet(sup, child) !== undefined) continue
    sup.pendingOnNeed.delete(child)
    if (isHeld) resume(tree, sup, child)
  }
}

/** Who waits out a backoff and needs the one that has just come up need not wait any longer: it may go better now. */
export function hintDependents(tree: TreeState, sup: SupervisorState, ready: ChildState): void {
  if (!sup.needed.has(ready.id)) return
  for (const child of sup.children.values()) {
    if (child.phase === "backoff" && child.spec.needs.includes(ready.id) && unmet(sup, child) === undefined) endWait(tree, sup, child)
  }
}

/** It need not wait out its time. */
export function endWait(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.phase === "backoff") tell(tree, { _tag: "WaitCancelled", ...incarnationOf(child) })
  resume(tree, sup, child)
}

/** Whatever it has waited for, it may go on. */
export function resume(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  setPhase(tree, child, "down")
  child.pendingOn = undefined
  if (child.independent) sup.runnable.push(child)
}
