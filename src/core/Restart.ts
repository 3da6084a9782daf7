/** Restart: who falls goes down, waits out the culprit's backoff, and comes back; or the limit is crossed, and it is over. */

import { deferForBreaker, leaveBreaker, trips } from "./Breaker.ts"
import { leaveDown, markToStart, markToStop } from "./Child.ts"
import type { Evidence, Rule } from "./Decision.ts"
import type { Exit, Failure } from "./Exit.ts"
import { deferForNeed, unmet } from "./Needs.ts"
import { adaptiveDelayMs, nextScore, remaining } from "./pacing/Adaptive.ts"
import { delayMs, jitterOf } from "./pacing/Backoff.ts"
import { count, listed } from "./pacing/Intensity.ts"
import { countRecent } from "./pacing/RecentFailures.ts"
import { act, type ChildState, decide, incarnationOf, type SupervisorState, setPhase, type TreeState, tell } from "./State.ts"
import { affectedBy, restartsAlone } from "./Strategy.ts"
import { end } from "./Supervisor.ts"

/** Siblings that fail within this time are taken for a herd. */
const TOGETHER_MS = 1_000
/** So little is left of a score that its attempts are counted anew. */
const FORGOTTEN = 0.01
/** So many of those who fall are named in a record. */
const AFFECTED_LISTED = 16

const CONVICTED_BY = { Hung: "heartbeat", Unhealthy: "health" } as const

/**
 * Is it somebody else's fault? Then it is held, uncounted. Else count first, then act: too many, and it is over; or who falls goes down, waits
 * out the culprit's backoff (or for its siblings, if their breaker still holds them), and comes back.
 */
export function restart(tree: TreeState, sup: SupervisorState, culprit: ChildState, evidence: Evidence, pressure: number): void {
  const held = restartsAlone(sup) ? deferral(tree, sup, culprit, evidence) : "no"
  if (held === "deferred") return
  const failure: Failure = { ...incarnationOf(culprit), at: tree.now, exit: evidence.exit }
  const { intensity, period: periodMs } = sup.spec
  const restarts = count(sup.window, failure, periodMs)
  tell(tree, { _tag: "RestartCounted", path: sup.path, culprit: culprit.path, count: restarts, intensity, periodMs })
  const window = { count: restarts, intensity, periodMs, failures: listed(sup.window) }
  if (restarts > intensity) {
    const exit: Exit = { _tag: "GaveUp", intensity, periodMs, window: window.failures }
    const rules: ReadonlyArray<Rule> = [{ path: sup.path, key: "intensity" }]
    decide(tree, { ...incarnationOf(culprit), at: tree.now, evidence, rules, window, outcome: { _tag: "Escalate", exit } })
    leaveDown(tree, sup, culprit)
    return end(tree, sup, exit)
  }
  culprit.record.restarts++
  if (held === "counted") return deferForBreaker(tree, sup, sup.breaker!, culprit, evidence, window)
  const { delayMs, seen } = pace(tree, sup, culprit, evidence, pressure)
  const { attempt } = culprit.record
  setPhase(tree, culprit, "down")
  sup.retrying.delete(culprit)
  const fallen = markAffected(sup, culprit)
  decide(tree, {
    ...incarnationOf(culprit),
    at: tree.now,
    evidence: seen,
    rules: rulesOf(sup, culprit),
    window,
    outcome: { _tag: "Restart", affected: fallen.length, first: fallen.slice(0, AFFECTED_LISTED).map(({ path }) => path) },
    next: { attempt, delayMs, at: tree.now + delayMs }
  })
  if (delayMs <= 0) return
  setPhase(tree, culprit, "backoff")
  culprit.until = tree.now + delayMs
  tell(tree, { _tag: "Backoff", ...incarnationOf(culprit), attempt, delayMs })
  act(tree, { _tag: "Wake", ...incarnationOf(culprit), purpose: "backoff", at: culprit.until })
}

/** By what it needs, or by the breaker of its group; which holds it only when it has been `counted`, if so it says. */
function deferral(tree: TreeState, sup: SupervisorState, culprit: ChildState, evidence: Evidence): "no" | "deferred" | "counted" {
  const { breaker } = sup
  const need = unmet(sup, culprit)
  if (need !== undefined) deferForNeed(tree, sup, culprit, need, evidence)
  else if (breaker !== undefined) {
    const trip = trips(tree, sup, breaker, culprit)
    if (trip === "deferred") deferForBreaker(tree, sup, breaker, culprit, evidence)
    return trip
  } else return "no"
  return "deferred"
}

/** How long it waits, and what made a difference to that. */
function pace(tree: TreeState, sup: SupervisorState, { id, path, record, spec }: ChildState, evidence: Evidence, pressure: number) {
  const { backoff } = spec
  const { uptimeMs } = evidence
  const draw = jitterOf(tree.seed, path, record.incarnation)
  if (backoff.type !== "adaptive") {
    if (uptimeMs >= backoff.forgetAfter) record.attempt = 0
    return { delayMs: delayMs(backoff, ++record.attempt, draw), seen: evidence }
  }
  if (remaining(backoff, record.score, uptimeMs) < FORGOTTEN) record.attempt = 0
  record.attempt++
  record.score = nextScore(backoff, record.score, uptimeMs)
  const { score } = record
  const siblings = countRecent(sup.recentFailures, id, tree.now, TOGETHER_MS) - 1
  const spread = jitterOf(~tree.seed, path, record.incarnation)
  return {
    delayMs: adaptiveDelayMs(backoff, { score, pressure, siblings, draw, spread }),
    seen: { ...evidence, score, pressure, siblings }
  }
}

/** What was followed when it was started again. */
const rulesOf = (sup: SupervisorState, culprit: ChildState): ReadonlyArray<Rule> => [
  ...(culprit.conviction === undefined ? [] : [{ path: culprit.path, key: CONVICTED_BY[culprit.conviction.exit._tag] }]),
  { path: culprit.path, key: "restart" },
  ...(sup.spec.type === "pool" ? [] : [{ path: sup.path, key: "strategy" } as const]),
  { path: sup.path, key: "intensity" },
  { path: culprit.path, key: "backoff" }
]

/** Condemns who falls with the culprit, and owes them and it a new life. A temporary sibling falls for good, unless boot still waits for it. */
function markAffected(sup: SupervisorState, culprit: ChildState): ReadonlyArray<ChildState> {
  const fallen = affectedBy(sup, culprit)
  for (const child of fallen) {
    if (child !== culprit) markToStop(sup, child, false)
    if (child === culprit || child.spec.restart !== "temporary") markToStart(sup, child, restartsAlone(sup))
    else if (!sup.bootWaitsFor.has(child)) sup.toStart.delete(child)
  }
  return fallen
}

/** The operator's way to restart: the same, but it is neither counted nor delayed, and the culprit may still run. */
export function restartByHand(sup: SupervisorState, culprit: ChildState): void {
  culprit.record.attempt = 0
  culprit.record.score = 0
  leaveBreaker(sup, culprit)
  if (culprit.phase !== "down") markToStop(sup, culprit, restartsAlone(sup))
  markAffected(sup, culprit)
}
