/**
 * The siblings that a child needs. If it ends while one of them is down, it has not failed: it waits for it, uncounted.
 */
import type { Child } from "../tree/Spec.ts"
import { defer } from "./Child.ts"
import type { Evidence, Rule } from "./Decision.ts"
import { tell } from "./emit.ts"
import { idOf, parentOf } from "./Path.ts"
import { type ChildState, failsChildren, incarnationOf, type SupervisorState, type TreeState } from "./State.ts"
import { isGroupStrategy } from "./Strategy.ts"
import { becomePending, setPhase } from "./transition.ts"

/** A sibling that it needs, that is not up, and that will or should be up again. */
export function unmet(sup: SupervisorState, child: ChildState): ChildState | undefined {
  for (const id of child.spec.needs) {
    const other = sup.children.get(id)
    if (other !== undefined && !isMet(sup, other) && !waitsFor(sup, other, child)) return other
  }
  return failedBefore(sup, child)
}

/** Under RestForOne a child also needs those before it in the list: a failed one that is not up again. */
export function failedBefore(sup: SupervisorState, child: ChildState): ChildState | undefined {
  if (!failsChildren(sup) || !isGroupStrategy(sup)) return undefined
  for (const other of sup.children.values()) {
    if (other === child) return undefined
    if (other.failures !== undefined && !isMet(sup, other)) return other
  }
  return undefined
}

/** The same, or one that its spec names: failed, or itself pending on a need. */
function failedNeed(sup: SupervisorState, child: ChildState): ChildState | undefined {
  for (const id of child.spec.needs) {
    const other = sup.children.get(id)
    if (other === undefined || isMet(sup, other) || waitsFor(sup, other, child)) continue
    if (other.failures !== undefined || isPendingOnNeed(other)) return other
  }
  return failedBefore(sup, child)
}

/**
 * A child that is to be started in its turn becomes pending on a failed child that it needs. Boot no longer waits for
 * it.
 */
export function deferBehindFailed(tree: TreeState, sup: SupervisorState): void {
  if (!failsChildren(sup)) return
  for (const child of sup.toStart) {
    const failed = child.independent || child.phase !== "down" ? undefined : failedNeed(sup, child)
    if (failed === undefined) continue
    becomePending(tree, child, { _tag: "Need", path: failed.path })
    sup.pendingOnNeed.add(child)
    sup.bootWaitsFor.delete(child)
  }
}

/** Does `other` wait for `child`, directly or not? A tree file has no such cycle, but an added child may close one. */
function waitsFor(sup: SupervisorState, other: ChildState, child: ChildState, seen = new Set<ChildState>()): boolean {
  if (other === child) return true
  if (!isPendingOnNeed(other) || seen.has(other)) return false
  seen.add(other)
  return other.spec.needs.some((id) => {
    const next = sup.children.get(id)
    return next !== undefined && waitsFor(sup, next, child, seen)
  })
}

/** It is up and stays up; or it is down for good: it has finished, or has nothing to run. */
function isMet(sup: SupervisorState, other: ChildState): boolean {
  if (sup.toStop.has(other)) return false
  if (other.phase === "up") return other.conviction === undefined
  return other.phase === "down" && !other.record.hold && !sup.toStart.has(other)
}

export const isPendingOnNeed = ({ pendingOn }: ChildState): boolean => pendingOn?._tag === "Need"

/** It is started when its need is met. */
export function deferForNeed(tree: TreeState, sup: SupervisorState, child: ChildState, need: ChildState, evidence: Evidence): void {
  sup.pendingOnNeed.add(child)
  defer(tree, sup, child, { _tag: "Need", path: need.path }, evidence, ruleOfNeed(child.path, child.spec, need.path))
}

/** Why `path` waits for `need`: because it says so, or by the order of the list. */
export const ruleOfNeed = (path: string, { needs }: Child, need: string): Rule =>
  needs.includes(idOf(need)) ? { path, key: "needs" } : { path: parentOf(path), key: "strategy" }

/** Resumes those whose needs are met, or can no longer be met by any sibling. */
export function resumeReady(tree: TreeState, sup: SupervisorState): void {
  for (const child of sup.pendingOnNeed) {
    if (isPendingOnNeed(child) && unmet(sup, child) !== undefined) continue
    sup.pendingOnNeed.delete(child)
    if (isPendingOnNeed(child)) resume(tree, sup, child)
  }
}

/** A child in backoff that needs the one that has just come up is started now: it may work this time. */
export function hintDependents(tree: TreeState, sup: SupervisorState, ready: ChildState): void {
  if (!sup.needed.has(ready.id)) return
  for (const child of sup.children.values()) {
    if (child.phase === "backoff" && child.spec.needs.includes(ready.id) && unmet(sup, child) === undefined) endWait(tree, sup, child)
  }
}

/** Its wait ends early. */
export function endWait(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.phase === "backoff") tell(tree, { _tag: "WaitCancelled", ...incarnationOf(child) })
  resume(tree, sup, child)
}

/** It no longer waits for anything. */
export function resume(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  setPhase(tree, child, "down")
  if (child.independent) sup.runnable.push(child)
}
