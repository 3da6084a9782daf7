/** The last decisions of a tree: which of them concern a path, and where the applied rules are written. */

import type { Decision, Rule } from "../../core/Decision.ts"
import type { ConvictionExit, HeartbeatSilence } from "../../core/Event.ts"
import { ruleOfNeed } from "../../core/Needs.ts"
import { isWithin, parentOf } from "../../core/Path.ts"
import type { ChildState } from "../../core/State.ts"
import { type CommonSilence, commonSilence } from "../../core/Suspicion.ts"
import type { SourceMap } from "../../tree/SourceMap.ts"
import { sourceOf } from "../../tree/SourceMap.ts"
import type { Child } from "../../tree/Spec.ts"
import type { Kernel } from "../kernel/Kernel.ts"
import { Ring } from "../Ring.ts"
import { type AppliedRule, appliedRuleOf } from "./AppliedRule.ts"
import { DECISIONS_KEPT } from "./limits.ts"

/** How many are listed for a supervisor, unless `last` says otherwise; for a worker only the last one. */
const LISTED_DECISIONS = 5

/** `at`: milliseconds since 1970. */
export interface ExplainedDecision {
  readonly at: number
  readonly decision: Omit<Decision, "rules"> & { readonly rules: ReadonlyArray<AppliedRule> }
}

/** Why a node is as it is, beside its snapshot. */
export interface Explanation {
  /** Those that concern it, newest first: about it, about a node below it, or by which it was affected. */
  readonly decisions: ReadonlyArray<ExplainedDecision>
  /** How many older ones are known. */
  readonly more: number
  /** All decisions ever taken are still known. */
  readonly complete: boolean
  /**
   * Why it is pending, suspect or convicted: its needs, the breaker of its group, the start gate, its heartbeat or
   * health.
   */
  readonly rule?: AppliedRule
  /** It is suspect because of this. */
  readonly silence?: HeartbeatSilence
  /** It was convicted of this, and is being stopped. */
  readonly conviction?: ConvictionExit
  /**
   * It is one of many children that are silent together, or their supervisor: none is stopped for it, and at `until`
   * the supervisor ends.
   */
  readonly commonSilence?: CommonSilence & { readonly supervisor: string }
  /** It is pending on the breaker: the path of the probe. */
  readonly probe?: string
}

interface LoggedDecision {
  readonly at: number
  readonly decision: Decision
  /** The nodes whose rules it names, as they were: an added child may be gone when the explanation is asked for. */
  readonly own: Child | undefined
  readonly above: Child | undefined
}

interface DecisionLog {
  readonly about: (path: string, last?: number) => Explanation
  /** Is or was there a node at this path, as far as is still known? */
  readonly knows: (path: string) => boolean
}

export function makeDecisionLog(kernel: Kernel, origin: SourceMap | undefined): DecisionLog {
  const { state } = kernel
  const ring = new Ring<LoggedDecision>(DECISIONS_KEPT)
  kernel.observe({
    decided: ({ at, decision }) => {
      const above = specAt(parentOf(decision.path))
      const own = specAt(decision.path) ?? (above?.type === "pool" ? above.child : undefined)
      ring.add({ at, decision, own, above })
    }
  })
  const specAt = (path: string): Child | undefined => (path === state.rootPath ? state.root : state.children.get(path)?.spec)
  const applied = (rule: Rule, spec: Child | undefined): AppliedRule => appliedRuleOf(state.root, origin, rule, spec)
  const explain = ({ at, decision, own, above }: LoggedDecision): ExplainedDecision => {
    const rules = decision.rules.map((rule) => applied(rule, rule.path === decision.path ? own : above))
    return { at, decision: { ...decision, rules } }
  }

  const about = (path: string, last?: number): Explanation => {
    const known = ring
      .all()
      .reverse()
      .filter(({ decision }) => concerns(decision, path))
    const type = (specAt(path) ?? sourceOf(state.root, origin, path)?.node)?.type
    const shown = known.slice(0, last ?? (type === "worker" ? 1 : LISTED_DECISIONS))
    const own = known.find(({ decision }) => decision.path === path)
    if (last === undefined && own !== undefined && !shown.includes(own)) shown.push(own)
    const child = state.children.get(path)
    const rule = child && presentRule(child, state.rootPath)
    const { suspect, conviction, pendingOn } = child ?? {}
    const probe = pendingOn?._tag === "Breaker" ? state.supervisors.get(parentOf(path))?.breaker?.probe : undefined
    const silence = silenceAt(path) ?? (suspect === undefined ? undefined : silenceAt(parentOf(path)))
    return {
      decisions: shown.map(explain),
      more: known.length - shown.length,
      complete: ring.added <= DECISIONS_KEPT,
      ...(rule === undefined ? {} : { rule: applied(rule, specAt(rule.path)) }),
      ...(suspect === undefined ? {} : { silence: suspect.silence }),
      ...(conviction === undefined ? {} : { conviction: conviction.exit }),
      ...(silence === undefined ? {} : { commonSilence: silence }),
      ...(probe === undefined ? {} : { probe: probe.path })
    }
  }
  const silenceAt = (path: string): Explanation["commonSilence"] => {
    const sup = state.supervisors.get(path)
    const silence = sup && commonSilence(sup)
    return silence && { ...silence, supervisor: path }
  }
  const knows = (path: string): boolean => {
    if (!isWithin(path, state.rootPath)) return false
    const source = sourceOf(state.root, origin, path)
    if (specAt(path) !== undefined || (source !== undefined && !source.ofPool)) return true
    return ring.all().some(({ decision }) => isWithin(decision.path, path) || affectedBy(decision).includes(path))
  }
  return { about, knows }
}

/** The rule because of which it is pending, suspect or convicted. */
function presentRule({ path, spec, pendingOn, suspect, conviction }: ChildState, root: string): Rule | undefined {
  if (conviction !== undefined) return { path, key: conviction.exit._tag === "Hung" ? "heartbeat" : "health" }
  if (suspect !== undefined) return { path, key: "heartbeat" }
  if (pendingOn === undefined) return undefined
  if (pendingOn._tag === "Need") return ruleOfNeed(path, spec, pendingOn.path)
  return pendingOn._tag === "Breaker" ? { path: parentOf(path), key: "breaker" } : { path: root, key: "startGate" }
}

/** About this node or one below it; or this node, or one above it, was affected. */
const concerns = (decision: Decision, path: string): boolean =>
  isWithin(decision.path, path) || [decision.path, ...affectedBy(decision)].some((other) => isWithin(path, other))

const affectedBy = ({ path, outcome }: Decision): ReadonlyArray<string> => {
  if (outcome._tag === "Escalate") return [parentOf(path)]
  return outcome._tag === "Restart" ? outcome.first : []
}
