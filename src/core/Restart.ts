/** Restart: the affected children go down, wait for the culprit's backoff and come back; or the limit is exceeded. */
import { deferForBreaker, leaveBreaker, trips } from "./Breaker.ts"
import { leaveDown, markToStop } from "./Child.ts"
import type { Counted, Decision, Evidence, Rule } from "./Decision.ts"
import type { Exit } from "./Exit.ts"
import { act, answer, decide, tell } from "./emit.ts"
import { fail, forgiveAfter } from "./FailedChild.ts"
import { deferForNeed, failedBefore, unmet } from "./Needs.ts"
import { adaptiveDelayMs, nextScore, remaining } from "./pacing/Adaptive.ts"
import { delayMs, jitterOf } from "./pacing/Backoff.ts"
import { count, emptyWindow, listed } from "./pacing/Intensity.ts"
import { countRecent } from "./pacing/RecentFailures.ts"
import { type ChildState, failsChildren, incarnationOf, type SupervisorState, type TreeState } from "./State.ts"
import { areIndependent, markAffected, restartsAlone } from "./Strategy.ts"
import { end } from "./Supervisor.ts"
import { setPhase } from "./transition.ts"

/** Siblings that fail within this time spread their restarts. */
const TOGETHER_MS = 1_000
/** A score below this is forgotten, and attempts are counted from the beginning. */
const FORGOTTEN_SCORE = 0.01
/** At most this many affected children are named in a decision. */
const AFFECTED_LISTED = 16

const CONVICTED_BY = { Hung: "heartbeat", Unhealthy: "health" } as const

/**
 * If something else is to blame the child is deferred, uncounted. Otherwise count first, then act. Above the limit the
 * supervisor gives up, or fails the child. Below it the affected children go down, wait for the culprit's backoff (or
 * for the breaker, if that is still open), and come back.
 */
export function restart(tree: TreeState, sup: SupervisorState, culprit: ChildState, evidence: Evidence, pressure: number): void {
  if (evidence.exit._tag === "Lost") return restartLost(tree, sup, culprit, evidence)
  const deferred = deferral(tree, sup, culprit, evidence)
  if (deferred === "deferred") return
  forgiveAfter(culprit, evidence.uptimeMs)
  if (culprit.failures !== undefined) return fail(tree, sup, culprit, evidence)
  const window = counted(tree, sup, culprit, evidence)
  if (window.count > window.intensity) {
    if (failsChildren(sup)) return fail(tree, sup, culprit, evidence, window)
    return giveUp(tree, sup, culprit, evidence, window)
  }
  culprit.record.restarts++
  if (deferred === "counted") return deferForBreaker(tree, sup, sup.breaker!, culprit, evidence, window)
  const { delayMs, seen } = pace(tree, sup, culprit, evidence, pressure)
  const { attempt } = culprit.record
  setPhase(tree, culprit, "down")
  sup.retrying.delete(culprit)
  const affected = markAffected(sup, culprit)
  decide(tree, {
    ...incarnationOf(culprit),
    at: tree.now,
    evidence: seen,
    rules: rulesOf(sup, culprit),
    window,
    outcome: restartOf(affected),
    next: { attempt, delayMs, at: tree.now + delayMs }
  })
  if (delayMs <= 0) return
  setPhase(tree, culprit, "backoff")
  culprit.until = tree.now + delayMs
  tell(tree, { _tag: "Backoff", ...incarnationOf(culprit), attempt, delayMs })
  act(tree, { _tag: "Wake", ...incarnationOf(culprit), purpose: "backoff", at: culprit.until })
}

/**
 * Many were lost at once, and none of them has failed: they are started again, neither counted nor delayed. If there is
 * no keeper any more, the starts fail, and these count.
 */
function restartLost(tree: TreeState, sup: SupervisorState, culprit: ChildState, evidence: Evidence): void {
  setPhase(tree, culprit, "down")
  sup.retrying.delete(culprit)
  const affected = markAffected(sup, culprit)
  decide(tree, {
    ...incarnationOf(culprit),
    at: tree.now,
    evidence,
    rules: rulesOf(sup, culprit).slice(0, -2),
    outcome: restartOf(affected)
  })
}

const restartOf = (affected: ReadonlyArray<ChildState>): Decision["outcome"] => ({
  _tag: "Restart",
  affected: affected.length,
  first: affected.slice(0, AFFECTED_LISTED).map(({ path }) => path)
})

/** Enters one restart in the window of its supervisor, or in its own where they are counted per child. */
function counted(tree: TreeState, sup: SupervisorState, culprit: ChildState, { exit }: Evidence): Counted {
  const { intensity, period: periodMs } = sup.spec
  const perChild = failsChildren(sup)
  if (perChild) culprit.window ??= emptyWindow()
  const window = (perChild ? culprit.window : undefined) ?? sup.window
  const restarts = count(window, { ...incarnationOf(culprit), at: tree.now, exit }, periodMs)
  const { path } = perChild ? culprit : sup
  tell(tree, { _tag: "RestartCounted", path, culprit: culprit.path, count: restarts, intensity, periodMs })
  return { count: restarts, intensity, periodMs, failures: listed(window) }
}

function giveUp(tree: TreeState, sup: SupervisorState, culprit: ChildState, evidence: Evidence, window: Counted): void {
  const { intensity, periodMs, failures } = window
  const exit: Exit = { _tag: "GaveUp", intensity, periodMs, window: failures }
  const rules: ReadonlyArray<Rule> = [{ path: sup.path, key: "intensity" }]
  decide(tree, { ...incarnationOf(culprit), at: tree.now, evidence, rules, window, outcome: { _tag: "Escalate", exit } })
  // Its callers are answered now, as an instance of a pool is removed.
  answer(tree, culprit, { _tag: "Refused", why: { _tag: "Stopping", path: sup.path } })
  leaveDown(tree, sup, culprit)
  end(tree, sup, exit)
}

/**
 * Does a need or the breaker defer it? `counted`: it is deferred, but counted first, as the breaker's patience is over.
 */
function deferral(tree: TreeState, sup: SupervisorState, culprit: ChildState, evidence: Evidence): "no" | "deferred" | "counted" {
  const { breaker } = sup
  const isAlone = restartsAlone(sup, culprit)
  const need = isAlone ? unmet(sup, culprit) : failedBefore(sup, culprit)
  if (need !== undefined) {
    if (!isAlone) markAffected(sup, culprit)
    deferForNeed(tree, sup, culprit, need, evidence)
    return "deferred"
  }
  if (breaker === undefined || !areIndependent(sup)) return "no"
  const trip = trips(tree, sup, breaker, culprit)
  if (trip === "deferred") deferForBreaker(tree, sup, breaker, culprit, evidence)
  return trip
}

/** How long it waits, and the evidence that this depends on. */
function pace(tree: TreeState, sup: SupervisorState, { id, path, record, spec }: ChildState, evidence: Evidence, pressure: number) {
  const { backoff } = spec
  const { uptimeMs } = evidence
  const draw = jitterOf(tree.seed, path, record.incarnation)
  if (backoff.type !== "adaptive") {
    if (uptimeMs >= backoff.forgetAfter) record.attempt = 0
    return { delayMs: delayMs(backoff, ++record.attempt, draw), seen: evidence }
  }
  if (remaining(backoff, record.score, uptimeMs) < FORGOTTEN_SCORE) record.attempt = 0
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

/** The settings that were applied. */
const rulesOf = (sup: SupervisorState, culprit: ChildState): ReadonlyArray<Rule> => [
  ...(culprit.conviction === undefined ? [] : [{ path: culprit.path, key: CONVICTED_BY[culprit.conviction.exit._tag] }]),
  { path: culprit.path, key: "restart" },
  ...(sup.spec.type === "pool" ? [] : [{ path: sup.path, key: "strategy" } as const]),
  { path: sup.path, key: "intensity" },
  { path: culprit.path, key: "backoff" }
]

/** The operator's restart: the same, but neither counted nor delayed; and the culprit may still run. */
export function restartByHand(sup: SupervisorState, culprit: ChildState): void {
  culprit.record.attempt = 0
  culprit.record.score = 0
  leaveBreaker(sup, culprit)
  if (culprit.phase !== "down") markToStop(sup, culprit, restartsAlone(sup, culprit))
  markAffected(sup, culprit)
}
