/**
 * `onIntensity: "failChild"`: a child that was restarted too often is left alone for a while instead of taking its
 * supervisor down. Its siblings stay up. It is tried again after `retryAfter`, once and uncounted; each further failure
 * doubles the wait, and an uptime of `forgetAfter` ends it. (systemd's StartLimit counts per unit, too, but does not
 * try again by itself.)
 */
import type { Backoff } from "../tree/Pacing.ts"
import { markToStart } from "./Child.ts"
import type { Counted, Evidence } from "./Decision.ts"
import { type Exit, isNormal } from "./Exit.ts"
import { act, answer, decide, tell } from "./emit.ts"
import { deferForNeed, unmet } from "./Needs.ts"
import { type ChildState, failsChildren, incarnationOf, type SupervisorState, type TreeState } from "./State.ts"
import { markAffected, restartsAlone } from "./Strategy.ts"
import { end } from "./Supervisor.ts"
import { setPhase } from "./transition.ts"

/** However often it has failed, it is not left alone for longer, unless its `retryAfter` is. */
const LONGEST_WAIT_MS = 3_600_000

/** Leaves it alone. `window`: what counted against it; none after an attempt of a child that had failed before. */
export function fail(tree: TreeState, sup: SupervisorState, child: ChildState, evidence: Evidence, window?: Counted): void {
  const attempt = (child.failures ?? 0) + 1
  const { retryAfter } = sup.spec
  const delayMs = Math.min(Math.max(LONGEST_WAIT_MS, retryAfter), retryAfter * 2 ** (attempt - 1))
  child.failures = attempt
  child.window = undefined
  markAffected(sup, child)
  sup.toStart.delete(child)
  sup.retrying.delete(child)
  sup.bootWaitsFor.delete(child)
  setPhase(tree, child, "failed")
  answer(tree, child, { _tag: "Refused", why: { _tag: "StartFailed", path: child.path, exit: evidence.exit } })
  child.until = tree.now + delayMs
  decide(tree, {
    ...incarnationOf(child),
    at: tree.now,
    evidence,
    rules: [
      { path: child.path, key: "restart" },
      ...((window && [{ path: sup.path, key: "intensity" } as const]) ?? []),
      { path: sup.path, key: "onIntensity" }
    ],
    ...(window && { window }),
    outcome: { _tag: "Fail" },
    next: { attempt, delayMs, at: child.until }
  })
  tell(tree, { _tag: "Failed", ...incarnationOf(child), attempt, delayMs })
  act(tree, { _tag: "Wake", ...incarnationOf(child), purpose: "failed", at: child.until })
}

/** Its wait is over: at its time, because of a hint, or by the operator. */
export function tryAgain(tree: TreeState, sup: SupervisorState, child: ChildState): void {
  setPhase(tree, child, "down")
  tell(tree, { _tag: "TriedAgain", ...incarnationOf(child) })
  const need = unmet(sup, child)
  if (need !== undefined) deferForNeed(tree, sup, child, need, evidenceOf(child))
  else markToStart(sup, child, restartsAlone(sup, child))
}

/** What is known of its last end. */
function evidenceOf(child: ChildState): Evidence {
  const exit = child.lastExit ?? { _tag: "Shutdown" }
  return { exit, normal: isNormal(child.spec, exit), uptimeMs: 0 }
}

/** It has been up for long enough: its past failures no longer matter. */
export function forgiveAfter(child: ChildState, uptimeMs: number): void {
  if (uptimeMs >= forgetAfterOf(child.spec.backoff)) child.failures = undefined
}

const forgetAfterOf = (backoff: Backoff): number => (backoff.type === "adaptive" ? backoff.halfLife : backoff.forgetAfter)

/**
 * The root has no parent that could do better, so it goes on while anything of it is of use; and ends when nothing is.
 */
export function endIfAllFailed(tree: TreeState): boolean {
  const root = tree.supervisors.get(tree.rootPath)
  if (root === undefined || root.mode === "ending" || root.failed.size === 0 || !failsChildren(root)) return false
  for (const child of root.children.values()) if (isOfUse(root, child)) return false
  const last = [...root.failed].reduce((one, other) => (other.since >= one.since ? other : one))
  const cause = { ...incarnationOf(last), at: last.since, exit: last.lastExit ?? ({ _tag: "Shutdown" } as const) }
  const exit: Exit = { _tag: "AllFailed", failed: root.failed.size, cause }
  const rules = [{ path: root.path, key: "onIntensity" }] as const
  decide(tree, { ...incarnationOf(last), at: tree.now, evidence: evidenceOf(last), rules, outcome: { _tag: "Escalate", exit } })
  end(tree, root, exit)
  return true
}

/** Runs, is going to run, or is kept down by the operator. */
function isOfUse(sup: SupervisorState, child: ChildState): boolean {
  if (child.phase === "failed") return false
  if (child.phase === "down") return child.record.hold || sup.toStart.has(child)
  return child.phase !== "pending" || !waitsForFailed(sup, child)
}

/** Waits for a failed sibling, or for one that does. */
function waitsForFailed(sup: SupervisorState, child: ChildState): boolean {
  if (child.pendingOn?._tag !== "Need") return false
  for (const other of sup.children.values()) {
    if (other.path !== child.pendingOn.path) continue
    return other.phase === "failed" || (other !== child && waitsForFailed(sup, other))
  }
  return false
}
