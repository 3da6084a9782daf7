/**
 * What a supervisor does to one child: add, start, stop, defer and remove it. Which child and when is decided in
 * `Supervisor.ts`.
 */
import type { Child, Shutdown } from "../tree/Spec.ts"
import type { Counted, Evidence, PendingOn, Rule } from "./Decision.ts"
import type { Event, Usage } from "./Event.ts"
import type { Exit } from "./Exit.ts"
import { act, answer, decide, tell } from "./emit.ts"
import { admits } from "./Gate.ts"
import { childOf } from "./Path.ts"
import { evict, recordOf } from "./PathRecord.ts"
import { type ChildState, hasProcess, incarnationOf, isPool, type SupervisorState, type TreeState } from "./State.ts"
import { becomePending, setPhase } from "./transition.ts"

/** A new child at the end of the list. */
export function add(tree: TreeState, sup: SupervisorState, id: string, spec: Child, argv: ReadonlyArray<string> = []): ChildState {
  evict(sup.record, sup.children)
  const child: ChildState = {
    id,
    position: sup.nextPosition++,
    path: childOf(sup.path, id),
    parent: sup,
    spec,
    argv,
    record: recordOf(sup.record, id),
    phase: "down",
    since: tree.now,
    until: 0,
    process: undefined,
    blocked: undefined,
    wasUp: false,
    isExtended: false,
    overdueAfterMs: undefined,
    conviction: undefined,
    suspect: undefined,
    deferredConviction: undefined,
    failingCheck: undefined,
    status: undefined,
    pendingOn: undefined,
    independent: false,
    lastExit: undefined,
    window: undefined,
    failures: undefined,
    tickets: [],
    askedFor: undefined
  }
  sup.children.set(id, child)
  tree.children.set(child.path, child)
  for (const need of spec.needs) sup.needed.add(need)
  return child
}

/** To be stopped: at once if it is independent, otherwise in its turn. */
export function markToStop(sup: SupervisorState, child: ChildState, independent: boolean): void {
  enqueue(sup, child, independent)
  sup.toStop.add(child)
}

/** To be started, likewise. */
export function markToStart(sup: SupervisorState, child: ChildState, independent: boolean): void {
  enqueue(sup, child, independent)
  sup.toStart.add(child)
}

/** A child that is being stopped or started with others stays with them, whatever is asked of it meanwhile. */
function enqueue(sup: SupervisorState, child: ChildState, independent: boolean): void {
  const isBusy = sup.toStop.has(child) || sup.toStart.has(child)
  child.independent = independent && (child.independent || !isBusy)
  if (child.independent) sup.runnable.push(child)
}

/** It is started only when something else has happened. Nothing is counted against it, except what is in `window`. */
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
  becomePending(tree, child, by)
  markToStart(sup, child, true)
  const limit = window && ({ path: sup.path, key: "intensity" } as const)
  const rules = limit === undefined ? [rule] : [rule, limit]
  decide(tree, { ...incarnationOf(child), at: tree.now, evidence, rules, ...(window && { window }), outcome: { _tag: "Defer", by } })
}

/** A new incarnation, once the gate lets it through. The world starts a worker; a supervisor boots within the tree. */
export function start(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.spec.type === "worker" && !admits(tree, sup, child)) return
  child.record.incarnation++
  child.isExtended = false
  child.overdueAfterMs = undefined
  child.conviction = undefined
  child.failingCheck = undefined
  child.status = undefined
  setPhase(tree, child, "starting")
  tell(tree, { _tag: "Starting", ...incarnationOf(child), type: child.spec.type })
  if (child.spec.type !== "worker") {
    tree.mailbox.push({ _tag: "Init", ...incarnationOf(child), parent: sup.path, spec: child.spec, record: child.record })
    return
  }
  act(tree, { _tag: "Spawn", ...incarnationOf(child), spec: child.spec, argv: child.argv })
}

/** The process exists. Its start timeout begins now. */
export function spawned(tree: TreeState, child: ChildState, process: ChildState["process"]): void {
  if (process !== undefined) {
    child.process = process
    tell(tree, { _tag: "Spawned", ...incarnationOf(child), ...process })
  }
  if (child.phase !== "starting" || child.spec.type !== "worker") return
  child.since = tree.now
  const { startTimeout } = child.spec
  if (startTimeout !== "infinity") expectReady(tree, child, startTimeout)
}

/** It has to be ready by then. Earlier wakes no longer count. */
export function expectReady(tree: TreeState, child: ChildState, withinMs: number): void {
  child.until = tree.now + withinMs
  act(tree, { _tag: "Wake", ...incarnationOf(child), purpose: "startTimeout", at: child.until })
}

/** It says what it does, and that it needs more time: to become ready, or to stop, which the spawner gives it. */
export function notified(tree: TreeState, child: ChildState, { status, extendMs }: Extract<Event, { _tag: "Notified" }>): void {
  if (!hasProcess(child)) return
  if (status !== undefined && status !== (child.status ?? "")) {
    child.status = status === "" ? undefined : status
    tell(tree, { _tag: "Notified", ...incarnationOf(child), status })
  }
  if (extendMs === undefined || tree.now + extendMs <= child.until) return
  if (child.phase === "stopping" || child.conviction !== undefined) child.until = tree.now + extendMs
  else if (child.phase === "starting" && child.spec.type === "worker" && child.spec.startTimeout !== "infinity")
    expectReady(tree, child, extendMs)
}

export function blocked(tree: TreeState, child: ChildState, pids: ReadonlyArray<number>): void {
  child.blocked = pids
  tell(tree, { _tag: "Blocked", ...incarnationOf(child), pids })
}

/** Not ready in time: it is stopped, and its exit is a failed start. */
export function stopOverdue(tree: TreeState, child: ChildState): void {
  child.overdueAfterMs = tree.now - child.since
  tell(tree, { _tag: "Stopping", ...incarnationOf(child), how: child.spec.shutdown })
  act(tree, { _tag: "Stop", ...incarnationOf(child), how: child.spec.shutdown })
}

/** Asks it to end; asked again, more harshly if its supervisor is being killed. */
export function stop(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  const how = sup.brutal ? "brutalKill" : child.spec.shutdown
  if (child.phase !== "stopping") {
    setPhase(tree, child, "stopping")
    tell(tree, { _tag: "Stopping", ...incarnationOf(child), how })
  }
  child.until = deadlineOf(tree, how)
  if (child.spec.type === "worker") return act(tree, { _tag: "Stop", ...incarnationOf(child), how })
  tree.mailbox.push({ _tag: how === "brutalKill" ? "KillSupervisor" : "StopSupervisor", ...incarnationOf(child) })
  if (typeof how === "number") act(tree, { _tag: "Wake", ...incarnationOf(child), purpose: "shutdown", at: child.until })
}

/** When it is killed, if it is asked to stop now. */
export const deadlineOf = (tree: TreeState, how: Shutdown): number =>
  how === "infinity" ? Number.POSITIVE_INFINITY : tree.now + (how === "brutalKill" ? 0 : how)

/** It was to stop, and has stopped, whatever the reason. */
export function stopped(tree: TreeState, sup: SupervisorState, child: ChildState, exit: Exit, usage?: Usage): void {
  child.lastExit = exit
  tell(tree, { _tag: "Stopped", ...incarnationOf(child), exit, ...(usage && { usage }) })
  finishStop(tree, sup, child)
}

/** It is down. If it is in `toStart` it comes back, in its turn; otherwise it stays down. */
export function finishStop(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  sup.toStop.delete(child)
  sup.retrying.delete(child)
  if (child.phase === "backoff" || child.phase === "pending" || child.phase === "failed")
    tell(tree, { _tag: "WaitCancelled", ...incarnationOf(child) })
  setPhase(tree, child, "down")
  if (child.askedFor === "terminate") {
    child.failures = undefined
    answer(tree, child, { _tag: "Done" })
  }
  if (!sup.toStart.has(child)) {
    leaveDown(tree, sup, child)
    answer(tree, child, { _tag: "Refused", why: { _tag: "Terminated", path: child.path } })
  } else if (child.independent) sup.runnable.push(child)
}

/**
 * It is not restarted. A temporary child and an instance of a pool leave nothing behind, unless the operator has put it
 * on hold.
 */
export function leaveDown(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.phase !== "down") setPhase(tree, child, "down")
  sup.toStart.delete(child)
  sup.retrying.delete(child)
  sup.bootWaitsFor.delete(child)
  if ((isPool(sup) || child.spec.restart === "temporary") && !child.record.hold) remove(tree, sup, child)
}

/** The operator no longer keeps it down. */
export function unhold(tree: TreeState, child: ChildState): void {
  if (child.record.hold) tell(tree, { _tag: "Unhold", path: child.path })
  child.record.hold = false
}

/** Its spec is gone. The numbers of a pool's instances are never used again, so their records can go too. */
export function remove(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.phase === "failed") setPhase(tree, child, "down")
  sup.children.delete(child.id)
  tree.children.delete(child.path)
  sup.bootWaitsFor.delete(child)
  if (isPool(sup)) sup.record.below.delete(child.id)
  if (sup.mode !== "ending") tell(tree, { _tag: "Removed", path: child.path })
}
