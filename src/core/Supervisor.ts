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

import { advanceBreaker, closedBreaker } from "./Breaker.ts"
import { add, finishStop, markToStart, start, stop } from "./Child.ts"
import type { Exit } from "./Exit.ts"
import { act, answer, tell } from "./emit.ts"
import { deferBehindFailed, resumeReady } from "./Needs.ts"
import { populate } from "./Pool.ts"
import { emptyWindow } from "./pacing/Intensity.ts"
import { type ChildState, failsChildren, hasProcess, type Internal, isPool, type SupervisorState, type TreeState } from "./State.ts"
import { isGroupStrategy, restartsAlone } from "./Strategy.ts"

const newSupervisor = (init: Extract<Internal, { _tag: "Init" }>, now: number): SupervisorState => ({
  path: init.path,
  incarnation: init.incarnation,
  id: init.spec.id,
  parent: init.parent,
  spec: init.spec,
  record: init.record,
  children: new Map(),
  nextPosition: 0,
  toStop: new Set(),
  toStart: new Set(),
  runnable: [],
  retrying: new Set(),
  bootWaitsFor: new Set(),
  window: emptyWindow(),
  recentFailures: new Map(),
  breaker: init.spec.breaker && closedBreaker(init.spec.breaker),
  needed: new Set(),
  pendingOnNeed: new Set(),
  failed: new Set(),
  suspects: new Set(),
  commonSilenceSince: undefined,
  startedAt: now,
  since: now,
  mode: "booting",
  hasBooted: false,
  exit: { _tag: "Shutdown" },
  brutal: false
})

/** Boot: everyone is owed, in order. Whoever the operator holds down stays down. */
export function init(tree: TreeState, event: Extract<Internal, { _tag: "Init" }>): void {
  const sup = newSupervisor(event, tree.now)
  tree.supervisors.set(sup.path, sup)
  if (sup.spec.type === "pool") populate(tree, sup, sup.spec.size)
  else for (const spec of sup.spec.children) add(tree, sup, spec.id, spec)
  for (const child of sup.children.values()) {
    if (child.record.hold) continue
    sup.bootWaitsFor.add(child)
    markToStart(sup, child, isPool(sup))
  }
  advance(tree, sup)
}

/** Takes every step that has become possible. */
export function advance(tree: TreeState, sup: SupervisorState): void {
  if (tree.supervisors.get(sup.path) !== sup) return
  runIndependent(tree, sup) // whoever is gone by now is waited for by nobody, and not sent ahead
  if (sup.pendingOnNeed.size > 0) resumeReady(tree, sup)
  advanceBreaker(tree, sup)
  runIndependent(tree, sup)
  if (!isPool(sup) && stopInOrder(tree, sup) && sup.mode !== "ending") startInOrder(tree, sup)
  if (sup.mode === "ending" && sup.toStop.size === 0) finish(tree, sup)
  if (sup.mode === "booting" && sup.bootWaitsFor.size === 0) booted(tree, sup)
}

/** Those who wait for nobody. The list may grow while we look: a child that is buried and owed comes up again. */
function runIndependent(tree: TreeState, sup: SupervisorState): void {
  for (let i = 0; i < sup.runnable.length; i++) {
    const child = sup.runnable[i]!
    if (!child.independent) continue
    if (sup.toStop.has(child)) bringDown(tree, sup, child)
    else if (sup.toStart.has(child) && child.phase === "down") start(tree, sup, child)
  }
  sup.runnable = []
}

/** Stops the condemned, last to first, one at a time. Is nobody left? */
function stopInOrder(tree: TreeState, sup: SupervisorState): boolean {
  for (let last = lastOf(sup.toStop); last !== undefined; last = lastOf(sup.toStop)) {
    bringDown(tree, sup, last)
    if (sup.toStop.has(last)) return false
  }
  return true
}

/** Of those who fell with others. */
function lastOf(condemned: ReadonlySet<ChildState>): ChildState | undefined {
  let last: ChildState | undefined
  for (const child of condemned) if (!child.independent && (last === undefined || child.position > last.position)) last = child
  return last
}

function bringDown(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.phase === "up" || child.phase === "starting") stop(tree, sup, child)
  else if (child.phase !== "stopping") finishStop(tree, sup, child)
}

/** Starts the owed, first to last, one at a time, once nobody among them waits; at boot nobody overtakes a child that is being retried. */
function startInOrder(tree: TreeState, sup: SupervisorState): void {
  if (sup.toStart.size === 0 || restartsAlone(sup)) return
  if (failsChildren(sup) && isGroupStrategy(sup)) deferBehindFailed(tree, sup)
  let first: ChildState | undefined
  for (const child of sup.toStart) {
    if (child.independent) continue
    if (child.phase === "pending" && child.pendingOn?._tag === "Need") continue // for a failed child before it: that one comes first
    if (child.phase === "backoff" || child.phase === "pending") return
    if (first === undefined || child.position < first.position) first = child
  }
  const overtakes = sup.mode === "booting" && sup.retrying.size > 0
  if (first?.phase === "down" && !overtakes) start(tree, sup, first)
}

function booted(tree: TreeState, sup: SupervisorState): void {
  sup.mode = "running"
  sup.since = tree.now
  reportUp(tree, sup)
  if (!isGroupStrategy(sup)) for (const child of [...sup.toStop, ...sup.toStart]) detach(sup, child)
  runIndependent(tree, sup)
}

/** Its parent may go on. */
export function reportUp(tree: TreeState, sup: SupervisorState): void {
  sup.hasBooted = true
  const { path, incarnation } = sup
  if (sup.parent !== undefined) tree.mailbox.push({ _tag: "Ready", path, incarnation })
  else tell(tree, { _tag: "Started", path, incarnation, tookMs: tree.now - sup.startedAt })
}

/** After boot, under OneForOne, nobody waits for anybody. */
function detach(sup: SupervisorState, child: ChildState): void {
  child.independent = true
  sup.runnable.push(child)
}

/** From here on there is only one way: down. The first reason stands. */
export function end(tree: TreeState, sup: SupervisorState, exit: Exit): void {
  if (sup.mode === "ending") return
  sup.mode = "ending"
  sup.since = tree.now
  sup.exit = exit
  tell(tree, { _tag: "Ending", path: sup.path, incarnation: sup.incarnation, exit })
  sup.toStart.clear()
  for (const child of sup.children.values()) {
    child.independent = isPool(sup)
    if (child.phase === "down" && !sup.toStop.has(child)) continue
    sup.toStop.add(child)
    if (child.independent) sup.runnable.push(child)
  }
}

/** Everything below is killed, and we are gone when it is. */
export function kill(tree: TreeState, sup: SupervisorState): void {
  sup.brutal = true
  end(tree, sup, { _tag: "Killed" })
  for (const child of sup.toStop) if (hasProcess(child)) stop(tree, sup, child)
}

/** The end of the inner is an exit for the outer: a failed start if it had not booted. */
function finish(tree: TreeState, sup: SupervisorState): void {
  tree.supervisors.delete(sup.path)
  for (const child of sup.children.values()) answer(tree, child, { _tag: "Refused", why: { _tag: "Stopping", path: sup.path } })
  if (isPool(sup)) sup.record.below.clear()
  const { path, incarnation, exit, hasBooted } = sup
  if (sup.parent !== undefined) return void tree.mailbox.push({ _tag: "Exited", path, incarnation, exit })
  tell(tree, { _tag: "Ended", path, incarnation, exit })
  act(tree, { _tag: "Finish", booted: hasBooted, exit })
}
