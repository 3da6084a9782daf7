/** A rule that was followed, as it stands in the tree: what it text, in which line, and whether anybody wrote it. */
import type { Rule } from "../../core/Decision.ts"
import { sayDuration } from "../../tree/duration.ts"
import type { SourceLocation, SourceMap } from "../../tree/SourceMap.ts"
import { sourceOf } from "../../tree/SourceMap.ts"
import type { Child, Tree } from "../../tree/Spec.ts"
import { sayDelays } from "./eventText.ts"

export interface AppliedRule extends Rule {
  /** What it text, as data; of probes and heartbeats not whom they ask, as addresses may hold passwords. Undefined when it is not known. */
  readonly value?: unknown
  /** The same for a person: follows the key. */
  readonly text: string
  /** The line where it is written, or else where its node begins. Only for trees that come from a file. */
  readonly site?: SourceLocation
  /** Nobody has written it; undefined where that is not known. */
  readonly byDefault?: boolean
}

/** `spec`: the node at the rule's path as it was when the rule was followed. */
export function appliedRuleOf(tree: Tree, origin: SourceMap | undefined, { path, key }: Rule, spec: Child | undefined): AppliedRule {
  const source = sourceOf(tree, origin, path)
  const node = spec ?? source?.node
  const text = { path, key, ...(node === undefined ? settingOfGone(key) : settingOf(node, key)) }
  // A child that was added since may have the name of one that the tree had.
  if (source === undefined || node !== source.node) return text
  const { written, place } = source
  const fields = key === "intensity" ? ["intensity", "period"] : [key]
  const line = fields.map((field) => place?.keys[field]).find((known) => known !== undefined) ?? place?.line
  return {
    ...text,
    ...(place === undefined || line === undefined ? {} : { site: { file: place.file, line } }),
    ...(written === undefined ? {} : { byDefault: !fields.some((field) => field in written) })
  }
}

/** Of a child that was added, and left nothing behind when it ended: only those that are temporary do that. */
const settingOfGone = (key: Rule["key"]): Pick<AppliedRule, "value" | "text"> =>
  key === "restart" ? { value: "temporary", text: '"temporary"' } : { text: "" }

function settingOf(spec: Child, key: Rule["key"]): Pick<AppliedRule, "value" | "text"> {
  const quoted = (value: unknown) => ({ value, text: JSON.stringify(value) })
  switch (key) {
    case "restart":
      return quoted(spec.restart)
    case "strategy":
      return spec.type === "supervisor" ? { value: spec.strategy, text: spec.strategy } : { text: "" }
    case "autoShutdown":
      return spec.type === "supervisor" ? quoted(spec.autoShutdown) : { text: "" }
    case "needs":
      return { value: spec.needs, text: spec.needs.join(", ") }
    case "backoff":
      return { value: spec.backoff, text: `${spec.backoff.type} ${sayDelays(spec.backoff, sayDuration)}` }
    case "boot":
    case "intensity":
    case "onIntensity":
    case "breaker":
    case "startGate":
      return spec.type === "worker" ? { text: "" } : limitOf(spec, key)
    case "heartbeat":
    case "health":
      return spec.type === "worker" ? watchOf(spec, key) : { text: "" }
  }
}

function limitOf(
  { boot, intensity, period, onIntensity, retryAfter, breaker, startGate }: Extract<Child, { readonly boot: unknown }>,
  key: "boot" | "intensity" | "onIntensity" | "breaker" | "startGate"
): Pick<AppliedRule, "value" | "text"> {
  switch (key) {
    case "boot":
      return { value: boot, text: JSON.stringify(boot) }
    case "intensity":
      return { value: { intensity, period }, text: `${intensity} in ${sayDuration(period)}` }
    case "onIntensity":
      if (onIntensity === "escalate") return { value: onIntensity, text: JSON.stringify(onIntensity) }
      return { value: { onIntensity, retryAfter }, text: `"failChild", tried again after ${sayDuration(retryAfter)}` }
    case "breaker":
      if (breaker === undefined) return { text: "" }
      return {
        value: breaker,
        text: `${breaker.failures} failures, ${Math.round(breaker.share * 100)} % of all, in ${sayDuration(breaker.within)}`
      }
    case "startGate":
      return startGate === undefined ? { text: "" } : { value: startGate, text: `${startGate.rate} a second, ${startGate.burst} at once` }
  }
}

function watchOf(
  { heartbeat, health }: Extract<Child, { readonly type: "worker" }>,
  key: "heartbeat" | "health"
): Pick<AppliedRule, "value" | "text"> {
  if (key === "health") {
    const checks = health.map(({ type, interval, failureThreshold, onFailure }) => ({ type, interval, failureThreshold, onFailure }))
    const text = checks.map(
      ({ type, interval, failureThreshold }) => `${type} every ${sayDuration(interval)}, ${failureThreshold} failures`
    )
    return { value: checks, text: text.join("; ") }
  }
  if (heartbeat === undefined) return { text: "" }
  const { every, model, suspect, convict, hangAfter } = heartbeat
  return {
    value: { every, model, suspect, convict, hangAfter },
    text: `every ${sayDuration(every)}, suspect at phi ${suspect}, dead at ${convict}`
  }
}
