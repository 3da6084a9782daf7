/** The same tree under another policy. */
import type { ChildSpec, SupervisorSpec, TreeSpec } from "../../spec/Spec.ts"
import { decodeTreeOrThrow } from "../simulate.ts"
import { where } from "../Where.ts"

/** What is set in every supervisor and pool that is meant; a strategy has no meaning for a pool, and `backoff` is set in their children too. */
export type Policy = Pick<SupervisorSpec, "intensity" | "period" | "strategy" | "backoff" | "boot">

/** `at`: the nodes that are meant, as in a fault: with all that is below. Default: the whole tree. Throws as `simulate` does. */
export function vary(spec: TreeSpec, policy: Policy, at = `/${spec.id}`): TreeSpec {
  const isMeant = where(decodeTreeOrThrow(spec), at)
  const { strategy, backoff, ...limits } = policy
  const waits = backoff === undefined ? {} : { backoff }
  const visit = (node: ChildSpec, path: string): ChildSpec => {
    const own = isMeant(path)
    if (node.type === "worker") return own ? { ...node, ...waits } : node
    const changed = own ? { ...limits, ...waits } : {}
    if (node.type === "pool") return { ...node, ...changed, child: visit(node.child, `${path}/1`) }
    const children = node.children.map((child) => visit(child, `${path}/${child.id}`))
    return { ...node, ...changed, ...(own && strategy !== undefined ? { strategy } : {}), children }
  }
  return visit(spec, `/${spec.id}`) as TreeSpec
}
