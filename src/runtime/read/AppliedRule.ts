/** A setting that was applied: its value, the line where it is written, and whether it is a default. */
import type { Rule } from "../../core/Decision.ts"
import { sayDuration } from "../../tree/duration.ts"
import type { SourceLocation, SourceMap } from "../../tree/SourceMap.ts"
import { sourceOf } from "../../tree/SourceMap.ts"
import type { Child, Tree } from "../../tree/Spec.ts"
import { sayDelays } from "./eventText.ts"

export interface AppliedRule extends Rule {
  /** As data; undefined if unknown. Of probes and heartbeats without addresses, as these may contain passwords. */
  readonly value?: unknown
  /** The same for people: follows the key. */
  readonly text: string
  /** The line where it is written, or where its node begins. Only for trees that come from a file. */
  readonly site?: SourceLocation
  /** It is a default; undefined if that is unknown. */
  readonly byDefault?: boolean
}

/** `spec`: the node at the rule's path as it was when the rule was applied. */
export function appliedRuleOf(tree: Tree, origin: SourceMap | undefined, { path, key }: Rule, spec: Child | undefined): AppliedRule {
  const source = sourceOf(tree, origin, path)
  const node = spec ?? source?.node
  const text = { path, key, ...(node === undefined ? settingOfGone(key) : settingOf(node, key)) }
  // A child that was added later may have the id of one in the tree file.
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

/** Of an added child that is gone: only temporary ones are removed when they end. */
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
