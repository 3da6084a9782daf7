/** Restart: who falls goes down, waits out the culprit's backoff, and comes back; or the limit is crossed, and it is over. */
import { adaptiveDelayMs, nextScore, remaining } from "./Adaptive.ts"
import { delayMs, jitterOf } from "./Backoff.ts"
import { holdBack, leaveBreaker, trips } from "./Breaker.ts"
import { condemn, forget, owe } from "./Child.ts"
import type { Evidence, Rule } from "./Decision.ts"
import type { Exit, Failure } from "./Exit.ts"
import { fellLately } from "./Herd.ts"
import { count, told } from "./Intensity.ts"
import { holdForNeed, unmet } from "./Needs.ts"
import { act, type ChildState, decide, life, type SupervisorState, setPhase, type TreeState, tell } from "./State.ts"
import { falls, fallsAlone } from "./Strategy.ts"
import { end } from "./Supervisor.ts"

/** Siblings that fail within this time are taken for a herd. */
const HERD_MS = 1_000
/** So little is left of a score that its attempts are counted anew. */
const FORGOTTEN = 0.01
/** So many of those who fall are named in a record. */
const FALLEN_TOLD = 16

const VERDICTS = { Hung: "heartbeat", Unhealthy: "health" } as const

/**
 * Is it somebody else's fault? Then it is held, uncounted. Else count first, then act: too many, and it is over; or who falls goes down, waits
 * out the culprit's backoff (or for its siblings, if their breaker still holds them), and comes back.
 */
export function restart(tree: TreeState, sup: SupervisorState, culprit: ChildState, evidence: Evidence, pressure: number): void {
  const held = fallsAlone(sup) ? isHeld(tree, sup, culprit, evidence) : "no"
  if (held === "held") return
  const failure: Failure = { ...life(culprit), at: tree.now, exit: evidence.exit }
  const { intensity, period: periodMs } = sup.spec
  const restarts = count(sup.window, failure, periodMs)
  tell(tree, { _tag: "RestartCounted", path: sup.path, culprit: culprit.path, count: restarts, intensity, periodMs })
  const window = { count: restarts, intensity, periodMs, failures: told(sup.window) }
  if (restarts > intensity) {
    const exit: Exit = { _tag: "GaveUp", intensity, periodMs, window: window.failures }
    const rules: ReadonlyArray<Rule> = [{ path: sup.path, key: "intensity" }]
    decide(tree, { ...life(culprit), at: tree.now, evidence, rules, window, verdict: { _tag: "Escalate", exit } })
    forget(tree, sup, culprit)
    return end(tree, sup, exit)
  }
  culprit.ledger.restarts++
  if (held === "counted") return holdBack(tree, sup, sup.breaker!, culprit, evidence, window)
  const { delayMs, seen } = pace(tree, sup, culprit, evidence, pressure)
  const { attempt } = culprit.ledger
  setPhase(tree, culprit, "down")
  sup.retrying.delete(culprit)
  const fallen = fall(sup, culprit)
  decide(tree, {
    ...life(culprit),
    at: tree.now,
    evidence: seen,
    rules: rulesOf(sup, culprit),
    window,
    verdict: { _tag: "Restart", fall: fallen.length, first: fallen.slice(0, FALLEN_TOLD).map(({ path }) => path) },
    next: { attempt, delayMs, at: tree.now + delayMs }
  })
  if (delayMs <= 0) return
  setPhase(tree, culprit, "waiting")
  culprit.until = tree.now + delayMs
  tell(tree, { _tag: "Waiting", ...life(culprit), attempt, delayMs })
  act(tree, { _tag: "Wake", ...life(culprit), purpose: "backoff", at: culprit.until })
}

/** By what it needs, or by the breaker of its group; which holds it only when it has been `counted`, if so it says. */
function isHeld(tree: TreeState, sup: SupervisorState, culprit: ChildState, evidence: Evidence): "no" | "held" | "counted" {
  const { breaker } = sup
  const need = unmet(sup, culprit)
  if (need !== undefined) holdForNeed(tree, sup, culprit, need, evidence)
  else if (breaker !== undefined) {
    const trip = trips(tree, sup, breaker, culprit)
    if (trip === "held") holdBack(tree, sup, breaker, culprit, evidence)
    return trip
  } else return "no"
  return "held"
}

/** How long it waits, and what made a difference to that. */
function pace(tree: TreeState, sup: SupervisorState, { id, path, ledger, spec }: ChildState, evidence: Evidence, pressure: number) {
  const { backoff } = spec
  const { uptimeMs } = evidence
  const draw = jitterOf(tree.seed, path, ledger.incarnation)
  if (backoff.type !== "adaptive") {
    if (uptimeMs >= backoff.forgetAfter) ledger.attempt = 0
    return { delayMs: delayMs(backoff, ++ledger.attempt, draw), seen: evidence }
  }
  if (remaining(backoff, ledger.score, uptimeMs) < FORGOTTEN) ledger.attempt = 0
  ledger.attempt++
  ledger.score = nextScore(backoff, ledger.score, uptimeMs)
  const { score } = ledger
  const siblings = fellLately(sup.herd, id, tree.now, HERD_MS) - 1
  const spread = jitterOf(~tree.seed, path, ledger.incarnation)
  return {
    delayMs: adaptiveDelayMs(backoff, { score, pressure, siblings, draw, spread }),
    seen: { ...evidence, score, pressure, siblings }
  }
}

/** What was followed when it was started again. */
const rulesOf = (sup: SupervisorState, culprit: ChildState): ReadonlyArray<Rule> => [
  ...(culprit.verdict === undefined ? [] : [{ path: culprit.path, key: VERDICTS[culprit.verdict.exit._tag] }]),
  { path: culprit.path, key: "restart" },
  ...(sup.spec.type === "pool" ? [] : [{ path: sup.path, key: "strategy" } as const]),
  { path: sup.path, key: "intensity" },
  { path: culprit.path, key: "backoff" }
]

/** Condemns who falls with the culprit, and owes them and it a new life. A temporary sibling falls for good, unless boot still waits for it. */
function fall(sup: SupervisorState, culprit: ChildState): ReadonlyArray<ChildState> {
  const fallen = falls(sup, culprit)
  for (const child of fallen) {
    if (child !== culprit) condemn(sup, child, false)
    if (child === culprit || child.spec.restart !== "temporary") owe(sup, child, fallsAlone(sup))
    else if (!sup.boot.has(child)) sup.owed.delete(child)
  }
  return fallen
}

/** The operator's way to restart: the same, but it is neither counted nor delayed, and the culprit may still run. */
export function restartByHand(sup: SupervisorState, culprit: ChildState): void {
  culprit.ledger.attempt = 0
  culprit.ledger.score = 0
  leaveBreaker(sup, culprit)
  if (culprit.phase !== "down") condemn(sup, culprit, fallsAlone(sup))
  fall(sup, culprit)
}
