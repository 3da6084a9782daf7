/** The last decisions of a tree, for whoever asks why: which of them concern a path, and where the rules stand that were followed. */

import type { Decision, Rule } from "../../core/Decision.ts"
import type { ConvictionExit, HeartbeatSilence } from "../../core/Event.ts"
import { find } from "../../core/Machine.ts"
import { isWithin, parentOf } from "../../core/Path.ts"
import type { ChildState } from "../../core/State.ts"
import { type CommonSilence, commonSilence } from "../../core/Suspicion.ts"
import type { SourceMap } from "../../tree/SourceMap.ts"
import { sourceOf } from "../../tree/SourceMap.ts"
import type { Child } from "../../tree/Spec.ts"
import type { Kernel } from "../kernel/Kernel.ts"
import { Ring } from "../Ring.ts"
import { type AppliedRule, appliedRuleOf } from "./AppliedRule.ts"

/** So many decisions of the whole tree are kept; a path is known by its last one as long as that is among them. */
export const DECISIONS_KEPT = 1000
/** Of a supervisor's so many are told, unless it is said how many; of a worker's the last. */
const TOLD = 5

/** A decision with its time, in milliseconds since 1970, and what its rules say. */
export interface ExplainedDecision {
  readonly at: number
  readonly decision: Omit<Decision, "rules"> & { readonly rules: ReadonlyArray<AppliedRule> }
}

/** What can be said of a path beside what it looks like. */
export interface Explanation {
  /** Those that concern it, the newest first: about it, about one below it, and about one with which it fell. */
  readonly decisions: ReadonlyArray<ExplainedDecision>
  /** So many older ones are known, too. */
  readonly more: number
  /** Whether all decisions ever taken are still known: then there were no others. */
  readonly complete: boolean
  /** What holds it at present, or has it watched or stopped: its needs, the breaker of its group, the start gate, its heartbeat or health. */
  readonly rule?: AppliedRule
  /** It is suspect: of this. */
  readonly silence?: HeartbeatSilence
  /** It was taken for dead, and is being stopped. */
  readonly verdict?: ConvictionExit
  /** It is one of several that fell silent together, or the supervisor of them: none is stopped for it, and at this time their supervisor ends. */
  readonly together?: CommonSilence & { readonly supervisor: string }
  /** The breaker holds it: this one was sent ahead, and the others wait for it. */
  readonly ahead?: string
}

interface Kept {
  readonly at: number
  readonly decision: Decision
  /** The nodes whose rules it names, as they were: a child that was added may be gone by the time somebody asks. */
  readonly own: Child | undefined
  readonly above: Child | undefined
}

interface DecisionLog {
  readonly about: (path: string, last?: number) => Explanation
  /** Was there ever anything here, as far as one can know? */
  readonly knows: (path: string) => boolean
}

export function makeDecisionLog(kernel: Kernel, origin: SourceMap | undefined): DecisionLog {
  const { state } = kernel
  const ring = new Ring<Kept>(DECISIONS_KEPT)
  kernel.observe({
    decided: ({ at, decision }) => {
      const above = specAt(parentOf(decision.path))
      const own = specAt(decision.path) ?? (above?.type === "pool" ? above.child : undefined)
      ring.add({ at, decision, own, above })
    }
  })
  const specAt = (path: string): Child | undefined => (path === state.rootPath ? state.root : find(state, path)?.child.spec)
  const standing = (rule: Rule, spec: Child | undefined): AppliedRule => appliedRuleOf(state.root, origin, rule, spec)
  const explain = ({ at, decision, own, above }: Kept): ExplainedDecision => {
    const rules = decision.rules.map((rule) => standing(rule, rule.path === decision.path ? own : above))
    return { at, decision: { ...decision, rules } }
  }

  const about = (path: string, last?: number): Explanation => {
    const known = ring
      .all()
      .reverse()
      .filter(({ decision }) => concerns(decision, path))
    const type = (specAt(path) ?? sourceOf(state.root, origin, path)?.node)?.type
    const told = known.slice(0, last ?? (type === "worker" ? 1 : TOLD))
    const own = known.find(({ decision }) => decision.path === path)
    if (last === undefined && own !== undefined && !told.includes(own)) told.push(own)
    const child = find(state, path)?.child
    const rule = child && presentRule(child, state.rootPath)
    const { suspect, conviction, pendingOn } = child ?? {}
    const ahead = pendingOn?._tag === "Breaker" ? state.supervisors.get(parentOf(path))?.breaker?.probe : undefined
    const together = silentAt(path) ?? (suspect === undefined ? undefined : silentAt(parentOf(path)))
    return {
      decisions: told.map(explain),
      more: known.length - told.length,
      complete: ring.added <= DECISIONS_KEPT,
      ...(rule === undefined ? {} : { rule: standing(rule, specAt(rule.path)) }),
      ...(suspect === undefined ? {} : { silence: suspect.silence }),
      ...(conviction === undefined ? {} : { verdict: conviction.exit }),
      ...(together === undefined ? {} : { together }),
      ...(ahead === undefined ? {} : { ahead: ahead.path })
    }
  }
  const silentAt = (path: string): Explanation["together"] => {
    const sup = state.supervisors.get(path)
    const silence = sup && commonSilence(sup)
    return silence && { ...silence, supervisor: path }
  }
  const knows = (path: string): boolean => {
    if (!isWithin(path, state.rootPath)) return false
    const source = sourceOf(state.root, origin, path)
    if (specAt(path) !== undefined || (source !== undefined && !source.ofPool)) return true
    return ring.all().some(({ decision }) => isWithin(decision.path, path) || fallen(decision).includes(path))
  }
  return { about, knows }
}

/** What it is due to that it is not simply up, or is looked at. */
function presentRule({ path, pendingOn, phase, suspect, conviction }: ChildState, root: string): Rule | undefined {
  if (conviction !== undefined) return { path, key: conviction.exit._tag === "Hung" ? "heartbeat" : "health" }
  if (suspect !== undefined) return { path, key: "heartbeat" }
  if (phase !== "pending" || pendingOn === undefined) return undefined
  if (pendingOn._tag === "Need") return { path, key: "needs" }
  return pendingOn._tag === "Breaker" ? { path: parentOf(path), key: "breaker" } : { path: root, key: "startGate" }
}

/** It is about it or about one below it; or it, or one above it, fell with whom it is about. */
const concerns = (decision: Decision, path: string): boolean =>
  isWithin(decision.path, path) || [decision.path, ...fallen(decision)].some((other) => isWithin(path, other))

const fallen = ({ path, outcome }: Decision): ReadonlyArray<string> => {
  if (outcome._tag === "Escalate") return [parentOf(path)]
  return outcome._tag === "Restart" ? outcome.first : []
}
