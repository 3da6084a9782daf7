/** How a supervisor reacts to what happens to a child: it is ready, it declined, it exited, its wait is over. */
import { probeIsUp, probeStayedUp } from "./Breaker.ts"
import { expectReady, finishStop, leaveDown, remove, stopOverdue, stopped } from "./Child.ts"
import type { Evidence, Rule } from "./Decision.ts"
import type { Event, Purpose } from "./Event.ts"
import { type Exit, isNormal } from "./Exit.ts"
import { act, answer, decide, tell } from "./emit.ts"
import { tryAgain } from "./FailedChild.ts"
import { hintDependents, resume } from "./Needs.ts"
import { restart } from "./Restart.ts"
import { type ChildState, hasProcess, incarnationOf, type SupervisorState, type TreeState } from "./State.ts"
import { isGroupStrategy } from "./Strategy.ts"
import { end, reportUp } from "./Supervisor.ts"
import { forgetSuspicion, reconsider } from "./Suspicion.ts"
import { setPhase } from "./transition.ts"

/** A program that makes itself a daemon takes less. */
const AT_ONCE_MS = 5_000
/** Event loops are often late by less than this; it is no stall. */
const STALLED_MS = 100

export function ready(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.phase !== "starting" || child.overdueAfterMs !== undefined) return
  const tookMs = tree.now - child.since
  setPhase(tree, child, "up")
  child.wasUp = true
  child.failingCheck = undefined
  tell(tree, { _tag: "Started", ...incarnationOf(child), tookMs })
  sup.bootWaitsFor.delete(child)
  if (sup.toStop.has(child)) return // too late: it is stopped in its turn, and started again if it is in toStart
  sup.toStart.delete(child)
  answer(tree, child, { _tag: "Up", ...incarnationOf(child) })
  probeIsUp(tree, sup, child)
  hintDependents(tree, sup, child)
}

/** It had nothing to run, which is no failure. */
export function declined(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (!hasProcess(child)) return
  tell(tree, { _tag: "Declined", ...incarnationOf(child) })
  if (sup.toStop.has(child)) return finishStop(tree, sup, child)
  leaveDown(tree, sup, child)
  answer(tree, child, { _tag: "Nothing", path: child.path })
}

export function exited(tree: TreeState, sup: SupervisorState, child: ChildState, event: Extract<Event, { _tag: "Exited" }>): void {
  if (!hasProcess(child)) return
  const { exit: found, pressure = 0, strays, usage } = event
  if (strays !== undefined)
    tell(tree, { _tag: "StraysEnded", ...incarnationOf(child), pids: strays, isDaemon: isDaemon(tree, child, found) })
  child.process = undefined
  child.blocked = undefined
  forgetSuspicion(tree, sup, child)
  const exit = child.conviction?.exit ?? found
  if (sup.toStop.has(child)) return stopped(tree, sup, child, exit, usage)
  if (child.phase === "starting") {
    const succeeded =
      child.spec.type === "worker" && child.spec.ready.type === "exited" && child.overdueAfterMs === undefined && isNormal(child.spec, exit)
    if (!succeeded) return startFailed(tree, sup, child, exit)
    ready(tree, sup, child)
  }
  const normal = isNormal(child.spec, exit)
  child.lastExit = exit
  const uptimeMs = (child.conviction?.at ?? tree.now) - child.since
  tell(tree, { _tag: "Exited", ...incarnationOf(child), exit, normal, uptimeMs, ...(usage && { usage }) })
  const evidence = { exit, normal, uptimeMs, ...(strays && { strays }) }
  if (child.spec.restart === "permanent" || (child.spec.restart === "transient" && !normal))
    return restart(tree, sup, child, evidence, pressure)
  decide(tree, {
    ...incarnationOf(child),
    at: tree.now,
    evidence,
    rules: [{ path: child.path, key: "restart" }],
    outcome: { _tag: "LeaveDown" }
  })
  leaveDown(tree, sup, child)
  tree.finished = true
  autoShutdown(tree, sup, child, evidence)
}

/** It ended with success as soon as it had started, and another process goes on. */
const isDaemon = (tree: TreeState, child: ChildState, exit: Exit): boolean =>
  child.phase !== "stopping" && isNormal(child.spec, exit) && tree.now - child.since < AT_ONCE_MS

/** Fatal at boot; in a call an answer for the caller; otherwise a failed restart, which is retried. */
function startFailed(tree: TreeState, sup: SupervisorState, child: ChildState, found: Exit): void {
  const { overdueAfterMs: afterMs, failingCheck: because } = child
  const exit: Exit = afterMs === undefined ? found : { _tag: "NotReady", afterMs, ...(because === undefined ? {} : { because }) }
  child.lastExit = exit
  tell(tree, { _tag: "StartFailed", ...incarnationOf(child), exit })
  setPhase(tree, child, "down")
  sup.toStart.delete(child)
  const { askedFor } = child
  answer(tree, child, { _tag: "Refused", why: { _tag: "StartFailed", path: child.path, exit } })
  if (askedFor === "start") return remove(tree, sup, child)
  if (askedFor === "restart") return leaveDown(tree, sup, child)
  if (sup.mode === "booting" && !child.wasUp && sup.spec.boot === "strict") {
    const evidence = { exit, normal: isNormal(child.spec, exit), uptimeMs: 0 }
    return escalate(tree, sup, child, evidence, "boot", { _tag: "BootFailed", cause: { ...incarnationOf(child), at: tree.now, exit } })
  }
  if (child.spec.restart === "temporary") return leaveDown(tree, sup, child)
  setPhase(tree, child, "restarting")
  sup.retrying.add(child)
  if (isGroupStrategy(sup)) forgetOthers(sup)
  act(tree, { _tag: "Wake", ...incarnationOf(child), purpose: "retry", at: tree.now })
}

/**
 * The retry will start them again. A child that waits for something of its own, such as a failed sibling, goes on
 * waiting; and one that starts already, because this one was started by hand, goes on starting.
 */
function forgetOthers(sup: SupervisorState): void {
  for (const other of sup.toStart) {
    const goesOn = other.phase === "backoff" || other.phase === "pending" || other.phase === "starting"
    if (other.askedFor === undefined && !goesOn && !sup.bootWaitsFor.has(other)) sup.toStart.delete(other)
  }
}

/** Its supervisor ends with it. */
function escalate(tree: TreeState, sup: SupervisorState, child: ChildState, evidence: Evidence, key: Rule["key"], exit: Exit): void {
  decide(tree, { ...incarnationOf(child), at: tree.now, evidence, rules: [{ path: sup.path, key }], outcome: { _tag: "Escalate", exit } })
  end(tree, sup, exit)
}

/** A wait is over. It is ignored if the child no longer waits for it. */
export function wake(tree: TreeState, sup: SupervisorState, child: ChildState, purpose: Purpose, missedMs: number): void {
  if (purpose === "shutdown" && child.phase === "stopping")
    return void tree.mailbox.push({ _tag: "KillSupervisor", ...incarnationOf(child) })
  if (sup.toStop.has(child)) return
  if (purpose === "startTimeout") startTimedOut(tree, child, missedMs)
  if (purpose === "retry" && child.phase === "restarting") retry(tree, sup, child)
  if (purpose === "backoff" && child.phase === "backoff" && tree.now >= child.until) resume(tree, sup, child)
  if (purpose === "probe" && child.phase === "pending" && sup.breaker?.probe === child) resume(tree, sup, child)
  if (purpose === "stable") probeStayedUp(tree, sup, child)
  if (purpose === "silence") reconsider(tree, sup, child)
  if (purpose === "failed" && child.phase === "failed" && tree.now >= child.until) tryAgain(tree, sup, child)
}

/**
 * It should be ready by now. If we check its readiness, and did not run for a while (stopped, asleep or busy), it gets
 * that time back, however often. The first time it also gets the time of one check, because the check under way has
 * failed with us. A worker that reports its readiness itself needs none of this: its report waits to be read.
 */
function startTimedOut(tree: TreeState, child: ChildState, missedMs: number): void {
  if (child.phase !== "starting" || child.overdueAfterMs !== undefined || child.spec.type !== "worker" || tree.now < child.until) return
  const { ready } = child.spec
  if (!("interval" in ready) || missedMs < STALLED_MS) return stopOverdue(tree, child)
  const checkMs = child.isExtended ? 0 : ready.interval + ready.timeout
  child.isExtended = true
  expectReady(tree, child, missedMs + checkMs)
}

function retry(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  const exit = child.lastExit!
  restart(tree, sup, child, { exit, normal: isNormal(child.spec, exit), uptimeMs: 0 }, 0)
}

/** Only a child that ended by itself, and is significant, can take its supervisor with it. */
function autoShutdown(tree: TreeState, sup: SupervisorState, child: ChildState, evidence: Evidence): void {
  if (sup.spec.type === "pool" || sup.spec.autoShutdown === "never" || !child.spec.significant) return
  const remains = [...sup.children.values()].some((other) => other !== child && other.spec.significant && stays(sup, other))
  if (sup.spec.autoShutdown === "allSignificant" && remains) return
  if (sup.mode === "booting") reportUp(tree, sup) // its work is done: no failed start
  escalate(tree, sup, child, evidence, "autoShutdown", { _tag: "AutoShutdown", by: child.path })
}

/** Will it run once all that is decided is done? */
const stays = (sup: SupervisorState, child: ChildState): boolean =>
  sup.toStart.has(child) || (!sup.toStop.has(child) && child.phase !== "down")
