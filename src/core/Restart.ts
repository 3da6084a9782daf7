/** Restart: who falls goes down, waits out the culprit's backoff, and comes back; or the limit is crossed, and it is over. */
import { delayMs, jitterOf } from "./Backoff.ts"
import { condemn, forget, owe } from "./Child.ts"
import type { Exit, Failure } from "./Exit.ts"
import { count, told } from "./Intensity.ts"
import { act, type ChildState, life, type SupervisorState, setPhase, type TreeState, tell } from "./State.ts"
import { falls, fallsAlone } from "./Strategy.ts"
import { end } from "./Supervisor.ts"

/** Count first, then act: too many, and it is over; else who falls goes down, waits out the culprit's backoff, and comes back. */
export function restart(tree: TreeState, sup: SupervisorState, culprit: ChildState, exit: Exit): void {
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
  culprit.ledger.restarts++
  const waitMs = delayMs(culprit.spec.backoff, attempt, jitterOf(tree.seed, culprit.path, culprit.ledger.incarnation))
  setPhase(tree, culprit, "down")
  sup.retrying.delete(culprit)
  fall(sup, culprit)
  if (waitMs <= 0) return
  setPhase(tree, culprit, "waiting")
  culprit.until = tree.now + waitMs
  tell(tree, { _tag: "Waiting", ...life(culprit), attempt, delayMs: waitMs })
  act(tree, { _tag: "Wake", ...life(culprit), purpose: "backoff", at: culprit.until })
}

/** Condemns who falls with the culprit, and owes them and it a new life. A temporary sibling falls for good, unless boot still waits for it. */
function fall(sup: SupervisorState, culprit: ChildState): void {
  for (const child of falls(sup, culprit)) {
    if (child !== culprit) condemn(sup, child, false)
    if (child === culprit || child.spec.restart !== "temporary") owe(sup, child, fallsAlone(sup))
    else if (!sup.boot.has(child)) sup.owed.delete(child)
  }
}

/** The operator's way to restart: the same, but it is neither counted nor delayed, and the culprit may still run. */
export function restartByHand(sup: SupervisorState, culprit: ChildState): void {
  culprit.ledger.attempt = 0
  if (culprit.phase !== "down") condemn(sup, culprit, fallsAlone(sup))
  fall(sup, culprit)
}
