/** The same tree under another policy. */

import { decodeTreeOrThrow } from "../../tree/decode.ts"
import type { BreakerSpec, StartGateSpec } from "../../tree/Pacing.ts"
import type { HeartbeatSpec } from "../../tree/Probe.ts"
import type { ChildSpec, SupervisorSpec, Tree, TreeSpec } from "../../tree/Spec.ts"
import { BadRehearsal } from "../BadRehearsal.ts"
import { pathPattern } from "../PathPattern.ts"

/**
 * What is set in every node that is meant and can have it: a strategy has no meaning for a pool, a breaker none where siblings fall together
 * anyway, and a start gate stands at the root. Of breakers, start gates and heartbeats the fields that are named are set, and the others stay;
 * null takes the whole away. Who has no heartbeat gets none.
 */
export interface Policy extends Pick<SupervisorSpec, "intensity" | "period" | "strategy" | "backoff" | "boot"> {
  readonly breaker?: BreakerSpec | null
  readonly startGate?: StartGateSpec | null
  readonly heartbeat?: Partial<HeartbeatSpec>
}

/** A policy, and the nodes that are meant, as in a fault: with all that is below. Default: the whole tree. */
export interface Change {
  readonly policy: Policy
  readonly at?: string | undefined
}

const isGroup = ({ type }: ChildSpec): boolean => type !== "worker"
const fallsAlone = (node: ChildSpec): boolean =>
  node.type === "pool" || (node.type === "supervisor" && (node.strategy ?? "OneForOne") === "OneForOne")

/** Who can have what, or has what is to be taken away. Strategies come first: who can have a breaker depends on them. */
const owners: { readonly [key in keyof Policy]-?: (node: ChildSpec, policy: Policy, isRoot: boolean) => boolean } = {
  strategy: ({ type }) => type === "supervisor",
  intensity: isGroup,
  period: isGroup,
  boot: isGroup,
  backoff: () => true,
  breaker: (node, { breaker }) => (breaker === null ? "breaker" in node : fallsAlone(node)),
  startGate: (node, { startGate }, isRoot) => isRoot && (startGate !== null || "startGate" in node),
  heartbeat: (node) => "heartbeat" in node
}
const keys = Object.keys(owners) as ReadonlyArray<keyof Policy>
const inFields: ReadonlySet<keyof Policy> = new Set(["breaker", "startGate", "heartbeat"])

/** The node with this of a policy set. */
function withPolicy(node: ChildSpec, key: keyof Policy, policy: Policy): ChildSpec {
  const { [key]: own, ...others } = node as ChildSpec & { readonly [key in keyof Policy]?: unknown }
  if (policy[key] === null) return others as ChildSpec
  const value = inFields.has(key) ? { ...(own as object), ...(policy[key] as object) } : policy[key]
  return { ...others, [key]: value } as ChildSpec
}

/** Throws as `simulate` does, and `BadRehearsal` when none of the nodes has what is to be set: nobody is to compare a tree with itself. */
export const vary = (spec: TreeSpec, policy: Policy, at?: string): TreeSpec => varyAll(spec, [{ policy, at }])

/** Several changes in one: only what comes of all of them has to be a tree. */
export function varyAll(spec: TreeSpec, changes: ReadonlyArray<Change>): TreeSpec {
  const tree = decodeTreeOrThrow(spec)
  const ordered = [...changes].sort((one, other) => Number("strategy" in other.policy) - Number("strategy" in one.policy))
  return ordered.reduce((varied, change) => changed(tree, varied, change), spec)
}

function changed(tree: Tree, spec: TreeSpec, { policy, at = `/${tree.id}` }: Change): TreeSpec {
  const isMeant = pathPattern(tree, at)
  refuseInstance(spec, at)
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
  /** What it has of what is to be set. */
  readonly keys: ReadonlyArray<keyof Policy>
}

function whyUseless(key: keyof Policy, policy: Policy, meant: ReadonlyArray<Meant>, at: string): string {
  if (policy[key] === null) return `there is no ${key} at ${at} that could be taken away.`
  // A pool is met before its template, so the first is the one that was named.
  const [{ path, type }] = meant as [Meant]
  const name = path.replaceAll(/\/1(?=\/|$)/g, "/*")
  if (key === "startGate") return `a startGate stands at the root alone, and not at ${name}.`
  if (key === "breaker" && meant.some((one) => one.type === "supervisor"))
    return `a breaker is for siblings that do not fall together anyway, and there are none at ${at}.`
  if (key === "heartbeat" && type !== "worker") return `none of the workers at ${at} has a heartbeat.`
  const alone = meant.every((other) => `${other.path}/`.startsWith(`${path}/`))
  return alone ? `${name} is a ${type}: it has no ${key}.` : `${at} means ${meant.length} nodes, and none of them has ${key}.`
}

/** Only an instance has an id that begins with a digit. */
function refuseInstance(spec: TreeSpec, at: string): void {
  const full = at.startsWith("/") ? at : at === spec.id ? `/${at}` : `/${spec.id}/${at}`
  if (!/\/\d/.test(full)) return
  const all = full.replace(/\/\d[^/]*$/, "").replace(/\/\d[^/]*/g, "/*")
  throw new BadRehearsal({ because: `instances of a pool are alike: vary ${all}.` })
}
