/**
 * Who runs and gives no sign of life. A suspect is looked at, no more; a convict is stopped, and its exit is counted like a crash.
 *
 * Where several fall silent together, the cause is hardly in them: it is we who do not hear, or the machine that does not let them run, or what
 * they all stand on. To kill them one by one would help nobody. So a conviction waits for as long as one heartbeat when a sibling is suspect as
 * well; if by then half of them are, for `hangAfter`; and if they still are, it is their supervisor that ends, and fails to its parent.
 */

import { deadlineOf } from "./Child.ts"
import type { ConvictionExit, HeartbeatSilence } from "./Event.ts"
import { act, decide, tell } from "./emit.ts"
import { type ChildState, incarnationOf, type SupervisorState, type TreeState } from "./State.ts"
import { end } from "./Supervisor.ts"

/** Fewer than this have no majority worth the name. */
const FEWEST = 3

const isFree = (sup: SupervisorState, child: ChildState): boolean =>
  child.phase === "up" && child.conviction === undefined && !sup.toStop.has(child)

/** Who is expected to give signs of life, and could. */
const watched = (sup: SupervisorState): number => {
  let count = 0
  for (const { phase, spec } of sup.children.values()) if (phase === "up" && heartbeatOf(spec) !== undefined) count++
  return count
}

/** Who is being stopped is waited for by nobody, and its silence says nothing about the others. */
const silent = (sup: SupervisorState): number => {
  let count = 0
  for (const child of sup.suspects) if (isFree(sup, child)) count++
  return count
}

const heartbeatOf = (spec: ChildState["spec"]) => (spec.type === "worker" ? spec.heartbeat : undefined)

const together = (sup: SupervisorState): { readonly is: boolean; readonly suspects: number; readonly of: number } => {
  const [suspects, of] = [silent(sup), watched(sup)]
  return { is: of >= FEWEST && suspects * 2 >= of, suspects, of }
}

/** Several that fell silent together, while that is waited out. */
export interface CommonSilence {
  readonly suspects: number
  /** So many give signs of life when all is well. */
  readonly of: number
  /** Their supervisor ends then, if they still are; sooner, if another is convicted whose `hangAfter` is shorter. */
  readonly until: number
}

/** None as long as none of those who are silent was convicted, for then nothing comes of it. */
export function commonSilence(sup: SupervisorState): CommonSilence | undefined {
  if (sup.commonSilenceSince === undefined) return undefined
  const { suspects, of } = together(sup)
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
 * It has spoken, or has ended. If that was the end of the common silence, the next one has a time of its own, and whoever is silent still has
 * nothing in common with the others any more.
 */
export function forgetSuspicion(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  sup.suspects.delete(child)
  child.suspect = undefined
  child.deferredConviction = undefined
  if (sup.commonSilenceSince === undefined || together(sup).is) return
  sup.commonSilenceSince = undefined
  for (const other of sup.suspects)
    if (other.deferredConviction !== undefined) lookAgain(tree, other, tree.now + (heartbeatOf(other.spec)?.every ?? 0))
}

export function convicted(tree: TreeState, sup: SupervisorState, child: ChildState, verdict: ConvictionExit): void {
  if (!isFree(sup, child)) return
  // What a check has found needs no others: it is not put off, even if its silence is.
  if (verdict._tag === "Hung" && child.deferredConviction !== undefined) return
  const others = silent(sup) - Number(sup.suspects.has(child))
  if (verdict._tag !== "Hung" || others === 0 || watched(sup) < FEWEST) return carryOut(tree, sup, child, verdict)
  sup.suspects.add(child)
  child.suspect ??= { silence: { ...verdict, everyMs: 0 }, at: tree.now }
  child.deferredConviction = verdict
  lookAgain(tree, child, tree.now + (heartbeatOf(child.spec)?.every ?? 0))
}

/** Time has passed since it was convicted: is it one of many? */
export function reconsider(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  const { deferredConviction } = child
  if (deferredConviction === undefined || !isFree(sup, child)) return
  const { is, suspects, of } = together(sup)
  if (!is) {
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

/** It is asked to end, and killed when its time is over; what it says then is that it was convicted. */
function carryOut(tree: TreeState, sup: SupervisorState, child: ChildState, exit: ConvictionExit): void {
  const how = child.spec.shutdown
  forgetSuspicion(tree, sup, child)
  child.conviction = { exit, at: tree.now }
  child.until = deadlineOf(tree, how)
  tell(tree, { _tag: "Convicted", ...incarnationOf(child), exit, how })
  act(tree, { _tag: "Stop", ...incarnationOf(child), how })
}

/** A check that only reports has changed its mind; or one that is to tell when it is ready says why it is not. */
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
