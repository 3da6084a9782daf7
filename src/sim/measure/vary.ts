/** The same tree under another policy. */

import { decodeTreeOrThrow } from "../../tree/decode.ts"
import type { BreakerSpec, StartGateSpec } from "../../tree/Pacing.ts"
import type { HeartbeatSpec } from "../../tree/Probe.ts"
import type { ChildSpec, SupervisorSpec, Tree, TreeSpec } from "../../tree/Spec.ts"
import { BadRehearsal } from "../BadRehearsal.ts"
import { fullPattern, pathPattern } from "../PathPattern.ts"

/**
 * The settings to change, in every selected node that can have them: a pool has no strategy, only independent siblings
 * have a breaker, and only the root has a start gate. For breakers, start gates and heartbeats the named fields are set
 * and the others stay; null removes the whole. A worker without a heartbeat gets none.
 */
export interface Policy
  extends Pick<SupervisorSpec, "intensity" | "period" | "onIntensity" | "retryAfter" | "strategy" | "backoff" | "boot"> {
  readonly breaker?: BreakerSpec | null
  readonly startGate?: StartGateSpec | null
  readonly heartbeat?: Partial<HeartbeatSpec>
}

/** A policy and the pattern of the nodes it applies to, with everything below them. Default: the whole tree. */
export interface Change {
  readonly policy: Policy
  readonly at?: string | undefined
}

const isGroup = ({ type }: ChildSpec): boolean => type !== "worker"
const restartsAlone = (node: ChildSpec): boolean =>
  node.type === "pool" || (node.type === "supervisor" && (node.strategy ?? "OneForOne") === "OneForOne")

/**
 * Whether a node can have the setting, or has it when it is to be removed. Strategies come first: breakers depend on
 * them.
 */
const owners: { readonly [key in keyof Policy]-?: (node: ChildSpec, policy: Policy, isRoot: boolean) => boolean } = {
  strategy: ({ type }) => type === "supervisor",
  intensity: isGroup,
  period: isGroup,
  onIntensity: isGroup,
  retryAfter: isGroup,
  boot: isGroup,
  backoff: () => true,
  breaker: (node, { breaker }) => (breaker === null ? "breaker" in node : restartsAlone(node)),
  startGate: (node, { startGate }, isRoot) => isRoot && (startGate !== null || "startGate" in node),
  heartbeat: (node) => "heartbeat" in node
}
const keys = Object.keys(owners) as ReadonlyArray<keyof Policy>
const inFields: ReadonlySet<keyof Policy> = new Set(["breaker", "startGate", "heartbeat"])

/** The node with one setting of the policy applied. */
function withPolicy(node: ChildSpec, key: keyof Policy, policy: Policy): ChildSpec {
  const { [key]: own, ...others } = node as ChildSpec & { readonly [key in keyof Policy]?: unknown }
  if (policy[key] === null) return others as ChildSpec
  const value = inFields.has(key) ? { ...(own as object), ...(policy[key] as object) } : policy[key]
  return withoutContradiction({ ...others, [key]: value } as ChildSpec)
}

/** Under OneForAll no child can fail alone, so a supervisor that becomes one escalates. */
function withoutContradiction(node: ChildSpec): ChildSpec {
  if (node.type !== "supervisor" || node.strategy !== "OneForAll" || node.onIntensity !== "failChild") return node
  const { onIntensity: _, ...others } = node
  return others
}

/**
 * The same tree with another policy. Throws as `simulate` does, and `BadRehearsal` if nothing would change, so that no
 * tree is compared with itself.
 */
export const vary = (spec: TreeSpec, policy: Policy, at?: string): TreeSpec => varyAll(spec, [{ policy, at }])

/** Applies several changes; only the result has to be a valid tree. */
export function varyAll(spec: TreeSpec, changes: ReadonlyArray<Change>): TreeSpec {
  const tree = decodeTreeOrThrow(spec)
  const ordered = [...changes].sort((one, other) => Number("strategy" in other.policy) - Number("strategy" in one.policy))
  return ordered.reduce((varied, change) => changed(tree, varied, change), spec)
}

function changed(tree: Tree, spec: TreeSpec, { policy, at = `/${tree.id}` }: Change): TreeSpec {
  const isMeant = pathPattern(tree, at)
  refuseInstance(fullPattern(tree, at))
  const wanted = keys.filter((key) => policy[key] !== undefined)
  const meant: Array<Meant> = []
  const visit = (node: ChildSpec, path: string): ChildSpec => {
    let own = node
    if (isMeant(path)) {
      const had: Array<keyof Policy> = []
      for (const key of wanted) {
        if (!owners[key](own, policy, path === `/${spec.id}`)) continue
        had.push(key)
        own = withPolicy(own, key, policy)
      }
      meant.push({ path, type: node.type, keys: had })
    }
    if (own.type === "pool") return { ...own, child: visit(own.child, `${path}/1`) }
    if (own.type === "worker") return own
    return { ...own, children: own.children.map((child) => visit(child, `${path}/${child.id}`)) }
  }
  const varied = visit(spec, `/${spec.id}`) as TreeSpec
  const useless = wanted.find((key) => !meant.some((one) => one.keys.includes(key)))
  if (useless !== undefined) throw new BadRehearsal({ because: whyUseless(useless, policy, meant, at) })
  return varied
}

interface Meant {
  readonly path: string
  readonly type: ChildSpec["type"]
  /** The settings of the policy that it can have. */
  readonly keys: ReadonlyArray<keyof Policy>
}

function whyUseless(key: keyof Policy, policy: Policy, meant: ReadonlyArray<Meant>, at: string): string {
  if (policy[key] === null) return `there is no ${key} at ${at} to remove.`
  // A pool is visited before its template, so the first is the named one.
  const [{ path, type }] = meant as [Meant]
  const name = path.replaceAll(/\/1(?=\/|$)/g, "/*")
  if (key === "startGate") return `only the root can have a startGate, not ${name}.`
  if (key === "breaker" && meant.some((one) => one.type === "supervisor"))
    return `only siblings that restart independently can have a breaker, and there are none at ${at}.`
  if (key === "heartbeat" && type !== "worker") return `none of the workers at ${at} has a heartbeat.`
  const isOne = meant.every((other) => `${other.path}/`.startsWith(`${path}/`))
  return isOne ? `${name} is a ${type}: it has no ${key}.` : `${at} matches ${meant.length} nodes, and none of them has ${key}.`
}

/** Only the id of an instance starts with a digit. */
function refuseInstance(full: string): void {
  if (!/\/\d/.test(full)) return
  const all = full.replace(/\/\d[^/]*$/, "").replace(/\/\d[^/]*/g, "/*")
  throw new BadRehearsal({ because: `instances of a pool are alike: vary ${all}.` })
}
