/**
 * A supervisor is a reconciler over an ordered list of children.
 *
 *   A child fails. The strategy says which children are *affected*. They go into two sets, `toStop` and `toStart`:
 *   stop what is in `toStop`, last to first; then start what is in `toStart`, first to last; then rest.
 *
 * Everything that a supervisor does is one way to fill these two sets, and `advance` empties them:
 *
 *                              toStop          toStart                    when a start fails
 *   boot                       –               all children               end: stop all children
 *   restart (crash, by hand)   the affected    they, and the culprit      mark it restarting, forget the others, retry
 *   failed (FailedChild.ts)    the affected    they, once it is up again  it is failed again, and waits for longer
 *   end                        all children    –                          –
 *   startChild, restartChild   –               that child                 tell the caller
 *   terminateChild, hold       that child      –                          –
 *
 * What an exit means depends on the phase of its child:
 *
 *   in toStop  the stop we wanted, whatever the reason; never counted
 *   starting   a failed start (or, where readiness is `exited`, the success we waited for)
 *   up         news: restart it, or leave it down
 *   otherwise  an earlier incarnation: dropped
 *
 * *In order, or independent.* Children that are affected together stop and start in order: each waits for the one
 * before, and one backoff delays them all. What concerns a single child (a call, a crash under OneForOne, an instance
 * of a pool) is *independent*: it waits for no sibling, and no sibling waits for it. So while one child takes half a
 * minute to stop, the others are looked after. Independent children with something to do are in `runnable`; this list
 * makes an event cost the same in a pool of ten thousand as in one of ten. Boot is in order, unless `bootConcurrency`
 * says otherwise, and so is the end, except that of a pool.
 *
 * A supervisor is itself a child: its end is the exit of one incarnation for its parent, and it is ready when it has
 * booted. These messages go through the tree's mailbox, never by recursion: if the inner one ended in the middle of the
 * outer one's `advance`, the outer one could end twice.
 *
 * Nothing here waits. A wait is a phase, and a `Wake` that says what it was for.
 */

import { advanceBreaker, closedBreaker } from "./Breaker.ts"
import { add, finishStop, markToStart, start, stop } from "./Child.ts"
import type { Exit } from "./Exit.ts"
import { act, answer, tell } from "./emit.ts"
import { deferBehindFailed, isPendingOnNeed, resumeReady } from "./Needs.ts"
import { populate } from "./Pool.ts"
import { emptyWindow } from "./pacing/Intensity.ts"
import { type ChildState, hasProcess, type Internal, isPool, type SupervisorState, type TreeState } from "./State.ts"
import { areIndependent, isGroupStrategy } from "./Strategy.ts"

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

/** Boot: all children are started, in order, except those on hold. */
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

/** Does everything that has become possible. */
export function advance(tree: TreeState, sup: SupervisorState): void {
  if (tree.supervisors.get(sup.path) !== sup) return
  runIndependent(tree, sup) // before the needs and the breaker are looked at: a child that is gone meets no need and is no probe
  if (sup.pendingOnNeed.size > 0) resumeReady(tree, sup)
  advanceBreaker(tree, sup)
  runIndependent(tree, sup)
  if (!isPool(sup) && stopInOrder(tree, sup) && sup.mode !== "ending") startInOrder(tree, sup)
  if (sup.mode === "ending" && sup.toStop.size === 0) finish(tree, sup)
  if (sup.mode === "booting" && sup.bootWaitsFor.size === 0) booted(tree, sup)
}

/** The list may grow meanwhile: a child that has stopped and is in `toStart` is started again. */
function runIndependent(tree: TreeState, sup: SupervisorState): void {
  for (let i = 0; i < sup.runnable.length; i++) {
    const child = sup.runnable[i]!
    if (!child.independent) continue
    if (sup.toStop.has(child)) bringDown(tree, sup, child)
    else if (sup.toStart.has(child) && child.phase === "down") start(tree, sup, child)
  }
  sup.runnable = []
}

/** Last to first, one at a time. Answers whether all have stopped. */
function stopInOrder(tree: TreeState, sup: SupervisorState): boolean {
  for (let last = lastOf(sup.toStop); last !== undefined; last = lastOf(sup.toStop)) {
    bringDown(tree, sup, last)
    if (sup.toStop.has(last)) return false
  }
  return true
}

/** Of those that are not independent. */
function lastOf(toStop: ReadonlySet<ChildState>): ChildState | undefined {
  let last: ChildState | undefined
  for (const child of toStop) if (!child.independent && (last === undefined || child.position > last.position)) last = child
  return last
}

function bringDown(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.phase === "up" || child.phase === "starting") stop(tree, sup, child)
  else if (child.phase !== "stopping") finishStop(tree, sup, child)
}

/** First to last, one at a time, once none of them waits. At boot none overtakes a child that is being retried. */
function startInOrder(tree: TreeState, sup: SupervisorState): void {
  if (sup.toStart.size === 0 || areIndependent(sup)) return
  deferBehindFailed(tree, sup)
  if (sup.spec.type === "supervisor" && sup.spec.bootConcurrency > 1) return startTogether(tree, sup, sup.spec.bootConcurrency)
  let first: ChildState | undefined
  for (const child of sup.toStart) {
    if (isPendingOnNeed(child)) continue // on a failed child: that one comes first
    if (sup.mode === "booting" && child.independent && child.wasUp) return // what comes after it may rely on it
    if (child.independent) continue
    if (child.phase === "backoff" || child.phase === "pending") return
    if (first === undefined || child.position < first.position) first = child
  }
  if (first?.phase === "down" && !isBootRetrying(sup)) start(tree, sup, first)
}

function isBootRetrying(sup: SupervisorState): boolean {
  if (sup.mode !== "booting") return false
  for (const child of sup.retrying) if (!child.independent) return true
  return false
}

/** At boot, up to `limit` at once: those that need nothing that boot still waits for. */
function startTogether(tree: TreeState, sup: SupervisorState, limit: number): void {
  const inOrder = [...sup.toStart].filter((child) => !child.independent).sort((one, other) => one.position - other.position)
  let starting = inOrder.filter((child) => child.phase === "starting" || (child.phase === "pending" && !isPendingOnNeed(child))).length
  for (const child of inOrder) {
    if (starting >= limit) return
    if (child.phase !== "down" || needsBoot(sup, child)) continue
    start(tree, sup, child)
    starting++
  }
}

function needsBoot(sup: SupervisorState, { spec }: ChildState): boolean {
  return spec.needs.some((id) => {
    const needed = sup.children.get(id)
    return needed !== undefined && sup.bootWaitsFor.has(needed)
  })
}

function booted(tree: TreeState, sup: SupervisorState): void {
  sup.mode = "running"
  sup.since = tree.now
  reportUp(tree, sup)
  if (!isGroupStrategy(sup)) for (const child of [...sup.toStop, ...sup.toStart]) detach(sup, child)
  runIndependent(tree, sup)
}

/** To its parent, which may go on with its boot; at the root, to those that watch. */
export function reportUp(tree: TreeState, sup: SupervisorState): void {
  sup.hasBooted = true
  const { path, incarnation } = sup
  if (sup.parent !== undefined) tree.mailbox.push({ _tag: "Ready", path, incarnation })
  else tell(tree, { _tag: "Started", path, incarnation, tookMs: tree.now - sup.startedAt })
}

/** After boot, under OneForOne, no child waits for another. */
function detach(sup: SupervisorState, child: ChildState): void {
  child.independent = true
  sup.runnable.push(child)
}

/** The supervisor stops all its children and is gone. A second call changes nothing: the first reason stands. */
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

/** Kills everything below; the supervisor is gone when that is. */
export function kill(tree: TreeState, sup: SupervisorState): void {
  sup.brutal = true
  end(tree, sup, { _tag: "Killed" })
  for (const child of sup.toStop) if (hasProcess(child)) stop(tree, sup, child)
}

/** For its parent this is an exit, and a failed start if it had not booted. */
function finish(tree: TreeState, sup: SupervisorState): void {
  tree.supervisors.delete(sup.path)
  for (const child of sup.children.values()) {
    answer(tree, child, { _tag: "Refused", why: { _tag: "Stopping", path: sup.path } })
    tree.children.delete(child.path)
  }
  if (isPool(sup)) sup.record.below.clear()
  const { path, incarnation, exit, hasBooted } = sup
  if (sup.parent !== undefined) return void tree.mailbox.push({ _tag: "Exited", path, incarnation, exit })
  tell(tree, { _tag: "Ended", path, incarnation, exit })
  act(tree, { _tag: "Finish", booted: hasBooted, exit })
}
