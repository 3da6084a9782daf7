/** A rule that was followed, as it stands in the tree: what it says, in which line, and whether anybody wrote it. */
import type { Rule } from "../core/Decision.ts"
import { sayDuration } from "../core/Sentence.ts"
import type { Origin, Site } from "../spec/Origin.ts"
import { sourceOf } from "../spec/Origin.ts"
import type { Backoff } from "../spec/Pacing.ts"
import type { Child, Tree } from "../spec/Spec.ts"

export interface Standing extends Rule {
  /** What it says, as data; of probes and heartbeats not whom they ask, as addresses may hold passwords. Undefined when it is not known. */
  readonly value?: unknown
  /** The same for a person: follows the key. */
  readonly says: string
  /** The line where it is written, or else where its node begins. Only for trees that come from a file. */
  readonly site?: Site
  /** Nobody has written it; undefined where that is not known. */
  readonly byDefault?: boolean
}

/** `spec`: the node at the rule's path as it was when the rule was followed. */
export function standingOf(tree: Tree, origin: Origin | undefined, { path, key }: Rule, spec: Child | undefined): Standing {
  const source = sourceOf(tree, origin, path)
  const node = spec ?? source?.node
  const says = { path, key, ...(node === undefined ? settingOfGone(key) : settingOf(node, key)) }
  // A child that was added since may have the name of one that the tree had.
  if (source === undefined || node !== source.node) return says
  const { written, place } = source
  const fields = key === "intensity" ? ["intensity", "period"] : [key]
  const line = fields.map((field) => place?.keys[field]).find((known) => known !== undefined) ?? place?.line
  return {
    ...says,
    ...(place === undefined || line === undefined ? {} : { site: { file: place.file, line } }),
    ...(written === undefined ? {} : { byDefault: !fields.some((field) => field in written) })
  }
}

/** Of a child that was added, and left nothing behind when it ended: only those that are temporary do that. */
const settingOfGone = (key: Rule["key"]): Pick<Standing, "value" | "says"> =>
  key === "restart" ? { value: "temporary", says: '"temporary"' } : { says: "" }

function settingOf(spec: Child, key: Rule["key"]): Pick<Standing, "value" | "says"> {
  const quoted = (value: unknown) => ({ value, says: JSON.stringify(value) })
  switch (key) {
    case "restart":
      return quoted(spec.restart)
    case "strategy":
      return spec.type === "supervisor" ? { value: spec.strategy, says: spec.strategy } : { says: "" }
    case "autoShutdown":
      return spec.type === "supervisor" ? quoted(spec.autoShutdown) : { says: "" }
    case "needs":
      return { value: spec.needs, says: spec.needs.join(", ") }
    case "backoff":
      return { value: spec.backoff, says: sayBackoff(spec.backoff) }
    case "boot":
    case "intensity":
    case "breaker":
    case "startGate":
      return spec.type === "worker" ? { says: "" } : limitOf(spec, key)
    case "heartbeat":
    case "health":
      return spec.type === "worker" ? watchOf(spec, key) : { says: "" }
  }
}

function limitOf(
  { boot, intensity, period, breaker, startGate }: Extract<Child, { readonly boot: unknown }>,
  key: "boot" | "intensity" | "breaker" | "startGate"
): Pick<Standing, "value" | "says"> {
  switch (key) {
    case "boot":
      return { value: boot, says: JSON.stringify(boot) }
    case "intensity":
      return { value: { intensity, period }, says: `${intensity} in ${sayDuration(period)}` }
    case "breaker":
      if (breaker === undefined) return { says: "" }
      return {
        value: breaker,
        says: `${breaker.failures} failures, ${Math.round(breaker.share * 100)} % of all, in ${sayDuration(breaker.within)}`
      }
    case "startGate":
      return startGate === undefined ? { says: "" } : { value: startGate, says: `${startGate.rate} a second, ${startGate.burst} at once` }
  }
}

function watchOf(
  { heartbeat, health }: Extract<Child, { readonly type: "worker" }>,
  key: "heartbeat" | "health"
): Pick<Standing, "value" | "says"> {
  if (key === "health") {
    const checks = health.map(({ type, interval, failureThreshold, onFailure }) => ({ type, interval, failureThreshold, onFailure }))
    const says = checks.map(
      ({ type, interval, failureThreshold }) => `${type} every ${sayDuration(interval)}, ${failureThreshold} failures`
    )
    return { value: checks, says: says.join("; ") }
  }
  if (heartbeat === undefined) return { says: "" }
  const { every, model, suspect, convict, hangAfter } = heartbeat
  return {
    value: { every, model, suspect, convict, hangAfter },
    says: `every ${sayDuration(every)}, suspect at phi ${suspect}, dead at ${convict}`
  }
}

function sayBackoff(backoff: Backoff): string {
  switch (backoff.type) {
    case "constant":
      return `constant ${sayDuration(backoff.delay)}`
    case "linear":
      return `linear ${sayDuration(backoff.initial)} + ${sayDuration(backoff.step)} up to ${sayDuration(backoff.cap)}`
    case "exponential":
      return `exponential ${sayDuration(backoff.initial)} × ${backoff.factor} up to ${sayDuration(backoff.cap)}`
    case "adaptive":
      return `adaptive ${sayDuration(backoff.min)} × ${backoff.factor} up to ${sayDuration(backoff.max)}, half forgiven in ${sayDuration(backoff.halfLife)}`
  }
}
