/** The same tree under another policy. */

import { decodeTreeOrThrow } from "../../spec/decode.ts"
import type { BreakerSpec, StartGateSpec } from "../../spec/Pacing.ts"
import type { HeartbeatSpec } from "../../spec/Probe.ts"
import type { ChildSpec, SupervisorSpec, TreeSpec } from "../../spec/Spec.ts"
import { BadRehearsal } from "../BadRehearsal.ts"
import { where } from "../Where.ts"

/**
 * What is set in every node that is meant and can have it: a strategy has no meaning for a pool, a breaker none where siblings fall together, and
 * a start gate stands at the root. Null takes away. Of a heartbeat only the fields that are named are set, in workers that have one.
 */
export interface Policy extends Pick<SupervisorSpec, "intensity" | "period" | "strategy" | "backoff" | "boot"> {
  readonly breaker?: BreakerSpec | null
  readonly startGate?: StartGateSpec | null
  readonly heartbeat?: Partial<HeartbeatSpec>
}

const isGroup = ({ type }: ChildSpec): boolean => type !== "worker"

/** Who can have what, or has what is to be taken away. */
const owners: { readonly [key in keyof Policy]-?: (node: ChildSpec, policy: Policy, isRoot: boolean) => boolean } = {
  intensity: isGroup,
  period: isGroup,
  boot: isGroup,
  strategy: ({ type }) => type === "supervisor",
  backoff: () => true,
  breaker: (node, { breaker }) => {
    if (breaker === null) return "breaker" in node
    return node.type === "supervisor" ? (node.strategy ?? "OneForOne") === "OneForOne" : node.type === "pool"
  },
  startGate: (node, { startGate }, isRoot) => isRoot && (startGate !== null || "startGate" in node),
  heartbeat: (node) => node.type === "worker" && node.heartbeat !== undefined
}

/** The node with these of what a policy sets. */
function withPolicy(node: ChildSpec, policy: Policy, keys: ReadonlyArray<keyof Policy>): ChildSpec {
  const changed: Record<string, unknown> = { ...node }
  for (const key of keys) {
    if (policy[key] === null) delete changed[key]
    else changed[key] = key === "heartbeat" ? { ...(changed.heartbeat as object), ...policy.heartbeat } : policy[key]
  }
  return changed as unknown as ChildSpec
}

/**
 * `at`: the nodes that are meant, as in a fault: with all that is below. Default: the whole tree. Throws as `simulate` does, and `BadRehearsal`
 * when none of them has what is to be set: nobody is to compare a tree with itself.
 */
export function vary(spec: TreeSpec, policy: Policy, at = `/${spec.id}`): TreeSpec {
  const isMeant = where(decodeTreeOrThrow(spec), at)
  refuseInstance(spec, at)
  const wanted = (Object.keys(owners) as ReadonlyArray<keyof Policy>).filter((key) => policy[key] !== undefined)
  const meant: Array<{ readonly path: string; readonly type: ChildSpec["type"]; readonly keys: ReadonlyArray<keyof Policy> }> = []
  const visit = (node: ChildSpec, path: string): ChildSpec => {
    const own = isMeant(path)
    const keys = own ? wanted.filter((key) => owners[key](node, policy, path === `/${spec.id}`)) : []
    if (own) meant.push({ path, type: node.type, keys })
    const changed = withPolicy(node, policy, keys)
    if (changed.type === "pool") return { ...changed, child: visit(changed.child, `${path}/1`) }
    if (changed.type === "worker") return changed
    return { ...changed, children: changed.children.map((child) => visit(child, `${path}/${child.id}`)) }
  }
  const varied = visit(spec, `/${spec.id}`) as TreeSpec

  for (const key of wanted) {
    if (meant.some(({ keys }) => keys.includes(key))) continue
    // A pool is met before its template, so the first is the one that was named.
    const [{ path, type }] = meant as [(typeof meant)[number]]
    const alone = meant.every((other) => `${other.path}/`.startsWith(`${path}/`))
    const because = alone
      ? `${path.replaceAll(/\/1(?=\/|$)/g, "/*")} is a ${type}: it has no ${key}.`
      : `${at} means ${meant.length} nodes, and none of them has ${key}.`
    throw new BadRehearsal({ because })
  }
  return varied
}

/** Only an instance has an id that begins with a digit. */
function refuseInstance(spec: TreeSpec, at: string): void {
  const full = at.startsWith("/") ? at : at === spec.id ? `/${at}` : `/${spec.id}/${at}`
  if (!/\/\d/.test(full)) return
  const all = full.replace(/\/\d[^/]*$/, "").replace(/\/\d[^/]*/g, "/*")
  throw new BadRehearsal({ because: `instances of a pool are alike: vary ${all}.` })
}
