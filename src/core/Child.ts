/** What a supervisor does to one child: start it, stop it, bury it, forget it. Which and when is decided in `Supervisor.ts`. */
import type { Counted, Evidence, PendingOn, Rule } from "./Decision.ts"
import type { Exit } from "./Exit.ts"
import { admits } from "./Gate.ts"
import {
  act,
  answer,
  type ChildState,
  decide,
  incarnationOf,
  isPool,
  type SupervisorState,
  setPhase,
  type TreeState,
  tell
} from "./State.ts"

/** Puts it among those to be stopped. Alone: at once; else in its turn, with the others. */
export function markToStop(sup: SupervisorState, child: ChildState, alone: boolean): void {
  enqueue(sup, child, alone)
  sup.toStop.add(child)
}

/** Puts it among those to be started, likewise. */
export function markToStart(sup: SupervisorState, child: ChildState, alone: boolean): void {
  enqueue(sup, child, alone)
  sup.toStart.add(child)
}

/** It is owed a start, and gets it when something else has happened. Nothing is counted against it, but what stands in `window`. */
export function defer(
  tree: TreeState,
  sup: SupervisorState,
  child: ChildState,
  by: PendingOn,
  evidence: Evidence,
  rule: Rule,
  window?: Counted
): void {
  sup.retrying.delete(child)
  setPhase(tree, child, "pending")
  child.pendingOn = by
  markToStart(sup, child, true)
  tell(tree, { _tag: "Pending", ...incarnationOf(child), by })
  const limit = window && ({ path: sup.path, key: "intensity" } as const)
  const rules = limit === undefined ? [rule] : [rule, limit]
  decide(tree, { ...incarnationOf(child), at: tree.now, evidence, rules, ...(window && { window }), outcome: { _tag: "Defer", by } })
}

/** Whoever has fallen with others stays with them, whatever is asked of it meanwhile. */
function enqueue(sup: SupervisorState, child: ChildState, alone: boolean): void {
  const engaged = sup.toStop.has(child) || sup.toStart.has(child)
  child.independent = alone && (child.independent || !engaged)
  if (child.independent) sup.runnable.push(child)
}

/** A new life, once the gate lets it through. A worker is the world's affair; a supervisor boots within the tree. */
export function start(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.spec.type === "worker" && !admits(tree, sup, child)) return
  child.record.incarnation++
  child.overdueAfterMs = undefined
  child.conviction = undefined
  child.failingCheck = undefined
  setPhase(tree, child, "starting")
  tell(tree, { _tag: "Starting", ...incarnationOf(child), type: child.spec.type })
  if (child.spec.type !== "worker") {
    tree.mailbox.push({ _tag: "Init", ...incarnationOf(child), parent: sup.path, spec: child.spec, ledger: child.record })
    return
  }
  act(tree, { _tag: "Spawn", ...incarnationOf(child), spec: child.spec, argv: child.argv })
}

/** The process is there; from now on it may take its time, and no longer. */
export function spawned(tree: TreeState, child: ChildState): void {
  if (child.phase !== "starting" || child.spec.type !== "worker") return
  child.since = tree.now
  const { startTimeout } = child.spec
  if (startTimeout !== "infinity")
    act(tree, { _tag: "Wake", ...incarnationOf(child), purpose: "startTimeout", at: tree.now + startTimeout })
}

/** Asks it to end; asked again, more harshly if its supervisor is being killed. */
export function stop(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  const how = sup.brutal ? "brutalKill" : child.spec.shutdown
  if (child.phase !== "stopping") {
    setPhase(tree, child, "stopping")
    tell(tree, { _tag: "Stopping", ...incarnationOf(child), how })
  }
  child.until = how === "infinity" ? Number.POSITIVE_INFINITY : tree.now + (how === "brutalKill" ? 0 : how)
  if (child.spec.type === "worker") return act(tree, { _tag: "Stop", ...incarnationOf(child), how })
  tree.mailbox.push({ _tag: how === "brutalKill" ? "KillSupervisor" : "StopSupervisor", ...incarnationOf(child) })
  if (typeof how === "number") act(tree, { _tag: "Wake", ...incarnationOf(child), purpose: "shutdown", at: tree.now + how })
}

/** Not ready in time: it is stopped, and its exit will be a failed start. */
export function stopOverdue(tree: TreeState, child: ChildState): void {
  child.overdueAfterMs = tree.now - child.since
  tell(tree, { _tag: "Stopping", ...incarnationOf(child), how: child.spec.shutdown })
  act(tree, { _tag: "Stop", ...incarnationOf(child), how: child.spec.shutdown })
}

/** It was to stop, and now it has, whatever the reason. */
export function stopped(tree: TreeState, sup: SupervisorState, child: ChildState, exit: Exit): void {
  child.lastExit = exit
  tell(tree, { _tag: "Stopped", ...incarnationOf(child), exit })
  finishStop(tree, sup, child)
}

/** The condemned is down. If it is owed it comes back, in its turn; else this was the end of it. */
export function finishStop(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  sup.toStop.delete(child)
  sup.retrying.delete(child)
  if (child.phase === "backoff" || child.phase === "pending") tell(tree, { _tag: "WaitCancelled", ...incarnationOf(child) })
  setPhase(tree, child, "down")
  if (child.askedFor === "terminate") answer(tree, child, { _tag: "Done" })
  if (!sup.toStart.has(child)) {
    leaveDown(tree, sup, child)
    answer(tree, child, { _tag: "Refused", why: { _tag: "Terminated", path: child.path } })
  } else if (child.independent) sup.runnable.push(child)
}

/** Nobody is going to restart it. A temporary child and an instance of a pool leave nothing behind, unless the operator holds it. */
export function leaveDown(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.phase !== "down") setPhase(tree, child, "down")
  sup.toStart.delete(child)
  sup.retrying.delete(child)
  sup.bootWaitsFor.delete(child)
  if ((isPool(sup) || child.spec.restart === "temporary") && !child.record.hold) remove(tree, sup, child)
}

/** The operator's word no longer holds. */
export function unhold(tree: TreeState, child: ChildState): void {
  if (child.record.hold) tell(tree, { _tag: "Unhold", path: child.path })
  child.record.hold = false
}

/** Its spec is gone. The numbers of a pool's instances are never used again, so their ledgers can go too. */
export function remove(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  sup.children.delete(child.id)
  sup.bootWaitsFor.delete(child)
  if (isPool(sup)) sup.record.below.delete(child.id)
  if (sup.mode !== "ending") tell(tree, { _tag: "Removed", path: child.path })
}
