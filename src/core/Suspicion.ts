/**
 * Children that run but are silent. A suspect is only reported; a convicted child is stopped, and its exit counts like
 * a crash.
 *
 * When several children are silent at once the cause is probably shared: we cannot hear them, the machine does not let
 * them run, or something they all depend on hangs. Killing them one by one would not help. So if a sibling is suspect,
 * too, a conviction is deferred by one heartbeat. If half of the children are suspect by then it is deferred by
 * `hangAfter`; and if they still are after that, their supervisor ends and fails to its parent.
 */

import { deadlineOf } from "./Child.ts"
import type { ConvictionExit, HeartbeatSilence } from "./Event.ts"
import { act, decide, tell } from "./emit.ts"
import { type ChildState, incarnationOf, type SupervisorState, type TreeState } from "./State.ts"
import { end } from "./Supervisor.ts"

/** With fewer children that have heartbeats, half of them means nothing. */
const COMMON_FROM = 3

const isFree = (sup: SupervisorState, child: ChildState): boolean =>
  child.phase === "up" && child.conviction === undefined && !sup.toStop.has(child)

/** How many children should send heartbeats now. */
const watched = (sup: SupervisorState): number => {
  let count = 0
  for (const { phase, spec } of sup.children.values()) if (phase === "up" && heartbeatOf(spec) !== undefined) count++
  return count
}

/** How many are suspect. A child that is being stopped does not count: its silence says nothing about the others. */
const silent = (sup: SupervisorState): number => {
  let count = 0
  for (const child of sup.suspects) if (isFree(sup, child)) count++
  return count
}

const heartbeatOf = (spec: ChildState["spec"]) => (spec.type === "worker" ? spec.heartbeat : undefined)

const silenceOf = (sup: SupervisorState): { readonly isCommon: boolean; readonly suspects: number; readonly of: number } => {
  const [suspects, of] = [silent(sup), watched(sup)]
  return { isCommon: of >= COMMON_FROM && suspects * 2 >= of, suspects, of }
}

/** Many children are silent together, and their supervisor waits. */
export interface CommonSilence {
  readonly suspects: number
  /** How many should send heartbeats. */
  readonly of: number
  /**
   * If they are still silent then, their supervisor ends; sooner, if another one with a shorter `hangAfter` is
   * convicted.
   */
  readonly until: number
}

/** Undefined until one of them is convicted: before that nothing would follow. */
export function commonSilence(sup: SupervisorState): CommonSilence | undefined {
  if (sup.commonSilenceSince === undefined) return undefined
  const { suspects, of } = silenceOf(sup)
  let patience = Number.POSITIVE_INFINITY
  for (const { deferredConviction, spec } of sup.suspects)
    if (deferredConviction !== undefined) patience = Math.min(patience, heartbeatOf(spec)?.hangAfter ?? 0)
  return patience === Number.POSITIVE_INFINITY ? undefined : { suspects, of, until: sup.commonSilenceSince + patience }
}

export function suspected(tree: TreeState, sup: SupervisorState, child: ChildState, silence: HeartbeatSilence): void {
  if (!isFree(sup, child)) return
  if (child.suspect === undefined) tell(tree, { _tag: "Suspected", ...incarnationOf(child), silence })
  child.suspect = { silence, at: child.suspect?.at ?? tree.now }
  sup.suspects.add(child)
}

export function cleared(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  if (child.suspect === undefined) return
  tell(tree, { _tag: "Cleared", ...incarnationOf(child), afterMs: tree.now - child.suspect.at })
  forgetSuspicion(tree, sup, child)
}

/**
 * It has sent a heartbeat, or has ended. If that ends the common silence, the next one starts from zero, and deferred
 * convictions are reconsidered one by one.
 */
export function forgetSuspicion(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  sup.suspects.delete(child)
  child.suspect = undefined
  child.deferredConviction = undefined
  if (sup.commonSilenceSince === undefined || silenceOf(sup).isCommon) return
  sup.commonSilenceSince = undefined
  for (const other of sup.suspects)
    if (other.deferredConviction !== undefined) lookAgain(tree, other, tree.now + (heartbeatOf(other.spec)?.every ?? 0))
}

export function convicted(tree: TreeState, sup: SupervisorState, child: ChildState, exit: ConvictionExit): void {
  if (!isFree(sup, child)) return
  // A failed health check says nothing about siblings, so its conviction is never deferred.
  if (exit._tag === "Hung" && child.deferredConviction !== undefined) return
  const others = silent(sup) - Number(sup.suspects.has(child))
  if (exit._tag !== "Hung" || others === 0 || watched(sup) < COMMON_FROM) return carryOut(tree, sup, child, exit)
  sup.suspects.add(child)
  child.suspect ??= { silence: { ...exit, everyMs: 0 }, at: tree.now }
  child.deferredConviction = exit
  lookAgain(tree, child, tree.now + (heartbeatOf(child.spec)?.every ?? 0))
}

/** One heartbeat after it was convicted: is it one of many? */
export function reconsider(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  const { deferredConviction } = child
  if (deferredConviction === undefined || !isFree(sup, child)) return
  const { isCommon, suspects, of } = silenceOf(sup)
  if (!isCommon) {
    sup.commonSilenceSince = undefined
    return carryOut(tree, sup, child, deferredConviction)
  }
  const patience = heartbeatOf(child.spec)?.hangAfter ?? 0
  if (sup.commonSilenceSince === undefined) {
    sup.commonSilenceSince = tree.now
    tell(tree, { _tag: "CommonSilence", path: sup.path, suspects, of, until: tree.now + patience })
  }
  const until = sup.commonSilenceSince + patience
  if (tree.now < until) return lookAgain(tree, child, until)
  const exit = { _tag: "CommonSilence", suspects, of, cause: { ...incarnationOf(child), at: tree.now, exit: deferredConviction } } as const
  const evidence = { exit: deferredConviction, normal: false, uptimeMs: tree.now - child.since }
  const rules = [{ path: child.path, key: "heartbeat" }] as const
  decide(tree, { ...incarnationOf(child), at: tree.now, evidence, rules, outcome: { _tag: "Escalate", exit } })
  end(tree, sup, exit)
}

const lookAgain = (tree: TreeState, child: ChildState, at: number): void =>
  act(tree, { _tag: "Wake", ...incarnationOf(child), purpose: "silence", at })

/** Stops it. Its exit will be the conviction, whatever the process ends with. */
function carryOut(tree: TreeState, sup: SupervisorState, child: ChildState, exit: ConvictionExit): void {
  const how = child.spec.shutdown
  forgetSuspicion(tree, sup, child)
  child.conviction = { exit, at: tree.now }
  child.until = deadlineOf(tree, how)
  tell(tree, { _tag: "Convicted", ...incarnationOf(child), exit, how })
  act(tree, { _tag: "Stop", ...incarnationOf(child), how })
}

/** A check that only reports has a new result; of a child that is starting, why it is not ready. */
export function checkReported(tree: TreeState, sup: SupervisorState, child: ChildState, healthy: boolean, because: string): void {
  if (child.phase === "starting" && !healthy) child.failingCheck = because
  if (!isFree(sup, child)) return
  const isNews = healthy !== (child.failingCheck === undefined)
  child.failingCheck = healthy ? undefined : because
  if (!isNews) return
  tell(
    tree,
    healthy ? { _tag: "HealthCheckPassed", ...incarnationOf(child) } : { _tag: "HealthCheckFailed", ...incarnationOf(child), because }
  )
}
