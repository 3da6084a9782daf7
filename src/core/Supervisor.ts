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

import { tendBreaker } from "./Breaker.ts"
import { bury, owe, start, stop } from "./Child.ts"
import type { Exit } from "./Exit.ts"
import { tendNeedy } from "./Needs.ts"
import { populate } from "./Pool.ts"
import {
  act,
  add,
  answer,
  type ChildState,
  hasProcess,
  type Internal,
  isPool,
  newSupervisor,
  type SupervisorState,
  type TreeState,
  tell
} from "./State.ts"
import { fallsAlone, spreads } from "./Strategy.ts"

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
  attend(tree, sup) // whoever is gone by now is waited for by nobody, and not sent ahead
  if (sup.needy.size > 0) tendNeedy(tree, sup)
  tendBreaker(tree, sup)
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
  for (let last = lastOf(sup.condemned); last !== undefined; last = lastOf(sup.condemned)) {
    bringDown(tree, sup, last)
    if (sup.condemned.has(last)) return false
  }
  return true
}

/** Of those who fell with others. */
function lastOf(condemned: ReadonlySet<ChildState>): ChildState | undefined {
  let last: ChildState | undefined
  for (const child of condemned) if (!child.alone && (last === undefined || child.place > last.place)) last = child
  return last
}

function bringDown(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.phase === "up" || child.phase === "starting") stop(tree, sup, child)
  else if (child.phase !== "stopping") bury(tree, sup, child)
}

/** Starts the owed, first to last, one at a time, once nobody among them waits; at boot nobody overtakes a child that is being retried. */
function startInOrder(tree: TreeState, sup: SupervisorState): void {
  if (sup.owed.size === 0 || fallsAlone(sup)) return
  let first: ChildState | undefined
  for (const child of sup.owed) {
    if (child.alone) continue
    if (child.phase === "waiting" || child.phase === "held") return
    if (first === undefined || child.place < first.place) first = child
  }
  const overtakes = sup.mode === "booting" && sup.retrying.size > 0
  if (first?.phase === "down" && !overtakes) start(tree, sup, first)
}

function booted(tree: TreeState, sup: SupervisorState): void {
  sup.mode = "running"
  sup.since = tree.now
  comeUp(tree, sup)
  if (!spreads(sup)) for (const child of [...sup.condemned, ...sup.owed]) release(sup, child)
  attend(tree, sup)
}

/** Its parent may go on. */
export function comeUp(tree: TreeState, sup: SupervisorState): void {
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
  sup.since = tree.now
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
