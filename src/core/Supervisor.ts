/**
 * A supervisor is a reconciler over an ordered list of children.
 *
 *   Something falls. The strategy says who falls with it. Those are *condemned* and *owed*:
 *   stop the condemned, last to first; then start the owed, first to last; then rest.
 *
 * Everything a supervisor ever does is one way to fill these two sets, and `advance` empties them:
 *
 *                              condemned                 owed                       when a start fails
 *   boot                       –                         everyone                   end: condemn everyone
 *   restart (crash, by hand)   who falls with the culprit  they, and the culprit    mark it restarting, forget the other owed, retry
 *   end                        everyone                  –                          –
 *   startChild, restartChild   –                         that child                 tell the caller
 *   terminateChild, hold       that child                –                          –
 *
 * An exit is read by the phase of the child it belongs to:
 *
 *   condemned  the stop we wanted, whatever the reason; never counted
 *   starting   a failed start (or, where readiness is `exited`, the success we waited for)
 *   up         news: restart it, or let it rest
 *   otherwise  an old life: dropped
 *
 * *Together or alone.* Children that fall together stop and start in order, each waiting for the one before, and a backoff holds up all of
 * them. What concerns one child alone (a call, a crash under OneForOne, an instance of a pool) waits for nobody, and nobody waits for it:
 * while one child takes half a minute to die, its siblings are looked after. Children concerned alone go through the `agenda`, which makes
 * a pool of ten thousand cost the same per event as one of ten. Boot is always in order; so is the end, except that of a pool.
 *
 * A supervisor is itself a child: its end is an exit for its parent, and that it has booted makes it ready. Such messages go through the
 * tree's queue, never by recursion: an inner end in the midst of the outer's `advance` would end it twice.
 *
 * Nothing here waits. A wait is a phase, plus a `Wake` that says what it was for.
 */

import { delayMs, jitterOf } from "./Backoff.ts"
import { bury, condemn, fell, forget, owe, remove, start, stop, stopOverdue } from "./Child.ts"
import type { Purpose } from "./Event.ts"
import { type Exit, type Failure, isNormal } from "./Exit.ts"
import { count, told } from "./Intensity.ts"
import { populate } from "./Pool.ts"
import {
  act,
  add,
  answer,
  type ChildState,
  hasProcess,
  type Internal,
  isPool,
  life,
  newSupervisor,
  type SupervisorState,
  setPhase,
  type TreeState,
  tell
} from "./State.ts"
import { falls, spreads } from "./Strategy.ts"

// ---------------------------------------------------------------- its own life

/** Boot: everyone is owed, in order. Whoever the operator holds down stays down. */
export function init(tree: TreeState, event: Extract<Internal, { _tag: "Init" }>): void {
  const sup = newSupervisor(event, tree.now)
  tree.supervisors.set(sup.path, sup)
  if (sup.spec.type === "pool") populate(tree, sup, sup.spec.size)
  else for (const spec of sup.spec.children) add(tree, sup, spec.id, spec)
  for (const child of sup.children.values()) {
    if (child.ledger.held) continue
    sup.boot.add(child)
    owe(sup, child, isPool(sup))
  }
  advance(tree, sup)
}

/** Takes every step that has become possible. */
export function advance(tree: TreeState, sup: SupervisorState): void {
  if (tree.supervisors.get(sup.path) !== sup) return
  attend(tree, sup)
  if (!isPool(sup) && stopInOrder(tree, sup) && sup.mode !== "ending") startInOrder(tree, sup)
  if (sup.mode === "ending" && sup.condemned.size === 0) finish(tree, sup)
  if (sup.mode === "booting" && sup.boot.size === 0) booted(tree, sup)
}

/** Those who wait for nobody. The list may grow while we look: a child that is buried and owed comes up again. */
function attend(tree: TreeState, sup: SupervisorState): void {
  for (let i = 0; i < sup.agenda.length; i++) {
    const child = sup.agenda[i]!
    if (!child.alone) continue
    if (sup.condemned.has(child)) bringDown(tree, sup, child)
    else if (sup.owed.has(child) && child.phase === "down") start(tree, sup, child)
  }
  sup.agenda = []
}

/** Stops the condemned, last to first, one at a time. Is nobody left? */
function stopInOrder(tree: TreeState, sup: SupervisorState): boolean {
  if (sup.condemned.size === 0) return true
  for (const child of [...sup.children.values()].reverse()) {
    if (!sup.condemned.has(child) || child.alone) continue
    bringDown(tree, sup, child)
    if (sup.condemned.has(child)) return false
  }
  return true
}

function bringDown(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.phase === "up" || child.phase === "starting") stop(tree, sup, child)
  else if (child.phase !== "stopping") bury(tree, sup, child)
}

/** Starts the owed, first to last, one at a time, once nobody among them waits any more. */
function startInOrder(tree: TreeState, sup: SupervisorState): void {
  if (sup.owed.size === 0) return
  const children = [...sup.children.values()]
  if (sup.mode === "booting" && children.some((child) => child.phase === "restarting")) return
  const group = children.filter((child) => sup.owed.has(child) && !child.alone)
  if (group.some((child) => child.phase === "waiting")) return
  const next = group[0]
  if (next?.phase === "down") start(tree, sup, next)
}

function booted(tree: TreeState, sup: SupervisorState): void {
  sup.mode = "running"
  comeUp(tree, sup)
  if (!spreads(sup)) for (const child of sup.owed) release(sup, child)
  attend(tree, sup)
}

/** Its parent may go on. */
function comeUp(tree: TreeState, sup: SupervisorState): void {
  sup.booted = true
  const { path, incarnation } = sup
  if (sup.parent !== undefined) tree.post.push({ _tag: "Ready", path, incarnation })
  else tell(tree, { _tag: "Started", path, incarnation, tookMs: tree.now - sup.bornAt })
}

/** After boot, under OneForOne, nobody waits for anybody. */
function release(sup: SupervisorState, child: ChildState): void {
  child.alone = true
  sup.agenda.push(child)
}

/** From here on there is only one way: down. The first reason stands. */
export function end(tree: TreeState, sup: SupervisorState, exit: Exit): void {
  if (sup.mode === "ending") return
  sup.mode = "ending"
  sup.exit = exit
  tell(tree, { _tag: "Ending", path: sup.path, incarnation: sup.incarnation, exit })
  sup.owed.clear()
  for (const child of sup.children.values()) {
    child.alone = isPool(sup)
    if (child.phase === "down" && !sup.condemned.has(child)) continue
    sup.condemned.add(child)
    if (child.alone) sup.agenda.push(child)
  }
}

/** Everything below is killed, and we are gone when it is. */
export function kill(tree: TreeState, sup: SupervisorState): void {
  sup.brutal = true
  end(tree, sup, { _tag: "Killed" })
  for (const child of sup.condemned) if (hasProcess(child)) stop(tree, sup, child)
}

/** The end of the inner is an exit for the outer: a failed start if it had not booted. */
function finish(tree: TreeState, sup: SupervisorState): void {
  tree.supervisors.delete(sup.path)
  for (const child of sup.children.values()) answer(tree, child, { _tag: "Refused", why: { _tag: "Stopping", path: sup.path } })
  if (isPool(sup)) sup.ledger.below.clear()
  const { path, incarnation, exit, booted } = sup
  if (sup.parent !== undefined) return void tree.post.push({ _tag: "Exited", path, incarnation, exit })
  tell(tree, { _tag: "Ended", path, incarnation, exit })
  act(tree, { _tag: "Finish", booted, exit })
}

// ---------------------------------------------------------------- news of a child

export function ready(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.phase !== "starting" || child.overdue) return
  const tookMs = tree.now - child.since
  setPhase(tree, child, "up")
  child.wasUp = true
  tell(tree, { _tag: "Started", ...life(child), tookMs })
  sup.boot.delete(child)
  if (sup.condemned.has(child)) return // too late: its turn to be stopped comes, and what it is owed stands
  sup.owed.delete(child)
  answer(tree, child, { _tag: "Up", ...life(child) })
}

/** Nothing runs, and that is all right. */
export function declined(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (!hasProcess(child)) return
  tell(tree, { _tag: "Declined", ...life(child) })
  if (sup.condemned.has(child)) return bury(tree, sup, child)
  forget(tree, sup, child)
  answer(tree, child, { _tag: "Nothing", path: child.path })
}

export function exited(tree: TreeState, sup: SupervisorState, child: ChildState, exit: Exit): void {
  if (!hasProcess(child)) return
  if (sup.condemned.has(child)) return fell(tree, sup, child, exit)
  if (child.phase === "starting") {
    const succeeded = child.spec.type === "worker" && child.spec.ready.type === "exited" && !child.overdue && isNormal(child.spec, exit)
    if (!succeeded) return startFailed(tree, sup, child, exit)
    ready(tree, sup, child)
  }
  const normal = isNormal(child.spec, exit)
  child.lastExit = exit
  tell(tree, { _tag: "Exited", ...life(child), exit, normal, uptimeMs: tree.now - child.since })
  if (child.spec.restart === "permanent" || (child.spec.restart === "transient" && !normal)) return restart(tree, sup, child, exit)
  forget(tree, sup, child)
  tree.finished = true
  autoShutdown(tree, sup, child)
}

/** Fatal at boot; the caller's affair in a call; otherwise the culprit of a restart to come. */
function startFailed(tree: TreeState, sup: SupervisorState, child: ChildState, found: Exit): void {
  const exit: Exit = child.overdue ? { _tag: "NotReady", afterMs: tree.now - child.since } : found
  child.lastExit = exit
  tell(tree, { _tag: "StartFailed", ...life(child), exit })
  setPhase(tree, child, "down")
  sup.owed.delete(child)
  const { askedFor } = child
  answer(tree, child, { _tag: "Refused", why: { _tag: "StartFailed", path: child.path, exit } })
  if (askedFor === "start") return remove(tree, sup, child)
  if (askedFor === "restart") return forget(tree, sup, child)
  if (sup.mode === "booting" && !child.wasUp && sup.spec.boot === "strict") {
    return end(tree, sup, { _tag: "BootFailed", cause: { ...life(child), at: tree.now, exit } })
  }
  if (child.spec.restart === "temporary") return forget(tree, sup, child)
  setPhase(tree, child, "restarting")
  if (spreads(sup)) for (const other of sup.owed) if (other.askedFor === undefined && !sup.boot.has(other)) sup.owed.delete(other)
  act(tree, { _tag: "Wake", ...life(child), purpose: "retry", at: tree.now })
}

/** A wait is over; if it is still the wait it was. */
export function wake(tree: TreeState, sup: SupervisorState, child: ChildState, purpose: Purpose): void {
  if (purpose === "shutdown" && child.phase === "stopping") return void tree.post.push({ _tag: "KillSupervisor", ...life(child) })
  if (sup.condemned.has(child)) return
  if (purpose === "startTimeout" && child.phase === "starting" && !child.overdue) stopOverdue(tree, child)
  if (purpose === "retry" && child.phase === "restarting") restart(tree, sup, child, child.lastExit!)
  if (purpose === "backoff" && child.phase === "waiting" && tree.now >= child.resumeAt) resume(tree, sup, child)
}

/** Its wait is over. */
export function resume(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  setPhase(tree, child, "down")
  if (child.alone) sup.agenda.push(child)
}

// ---------------------------------------------------------------- restart

/** Count first, then act: too many, and it is over; else who falls goes down, waits out the culprit's backoff, and comes back. */
function restart(tree: TreeState, sup: SupervisorState, culprit: ChildState, exit: Exit): void {
  const failure: Failure = { ...life(culprit), at: tree.now, exit }
  const { intensity, period: periodMs } = sup.spec
  const restarts = count(sup.window, failure, periodMs)
  tell(tree, { _tag: "RestartCounted", path: sup.path, culprit: culprit.path, count: restarts, intensity, periodMs })
  if (restarts > intensity) {
    forget(tree, sup, culprit)
    return end(tree, sup, { _tag: "GaveUp", intensity, periodMs, window: told(sup.window) })
  }
  const uptimeMs = culprit.phase === "up" ? tree.now - culprit.since : 0
  if (uptimeMs >= culprit.spec.backoff.forgetAfter) culprit.ledger.attempt = 0
  const attempt = ++culprit.ledger.attempt
  const waitMs = delayMs(culprit.spec.backoff, attempt, jitterOf(tree.seed, culprit.path, culprit.ledger.incarnation))
  setPhase(tree, culprit, "down")
  fall(sup, culprit)
  if (waitMs <= 0) return
  setPhase(tree, culprit, "waiting")
  culprit.resumeAt = tree.now + waitMs
  tell(tree, { _tag: "Waiting", ...life(culprit), attempt, delayMs: waitMs })
  act(tree, { _tag: "Wake", ...life(culprit), purpose: "backoff", at: culprit.resumeAt })
}

/** Condemns who falls with the culprit, and owes them and it a new life. A temporary sibling falls for good. */
function fall(sup: SupervisorState, culprit: ChildState): void {
  for (const child of falls(sup, culprit)) {
    if (child !== culprit) condemn(sup, child, false)
    if (child === culprit || child.spec.restart !== "temporary") owe(sup, child, fallsAlone(sup))
    else sup.owed.delete(child)
  }
}

/** The operator's way to restart: the same, but it is neither counted nor delayed, and the culprit may still run. */
export function restartByHand(sup: SupervisorState, culprit: ChildState): void {
  culprit.ledger.attempt = 0
  if (culprit.phase !== "down") condemn(sup, culprit, fallsAlone(sup))
  fall(sup, culprit)
}

const fallsAlone = (sup: SupervisorState): boolean => isPool(sup) || (sup.mode === "running" && !spreads(sup))

/** Only a child that ended by itself, and is significant, can take its supervisor with it. */
function autoShutdown(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (sup.spec.type === "pool" || sup.spec.autoShutdown === "never" || !child.spec.significant) return
  const remains = [...sup.children.values()].some((other) => other !== child && other.spec.significant && stays(sup, other))
  if (sup.spec.autoShutdown === "allSignificant" && remains) return
  if (sup.mode === "booting") comeUp(tree, sup) // it has done what it is for: no failed start
  end(tree, sup, { _tag: "AutoShutdown", by: child.path })
}

/** Runs, or will: seen as it will be when all that is decided is done. */
const stays = (sup: SupervisorState, child: ChildState): boolean =>
  sup.owed.has(child) || (!sup.condemned.has(child) && child.phase !== "down")
