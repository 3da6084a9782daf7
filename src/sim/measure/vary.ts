/** The same tree under another policy. */

import { decodeTreeOrThrow } from "../../spec/decode.ts"
import type { ChildSpec, SupervisorSpec, TreeSpec } from "../../spec/Spec.ts"
import { BadRehearsal } from "../BadRehearsal.ts"
import { where } from "../Where.ts"

/** What is set in every supervisor and pool that is meant; a strategy has no meaning for a pool, and `backoff` is set in their children too. */
export type Policy = Pick<SupervisorSpec, "intensity" | "period" | "strategy" | "backoff" | "boot">

/** Who has what. */
const owners: { readonly [key in keyof Policy]-?: ReadonlyArray<ChildSpec["type"]> } = {
  intensity: ["supervisor", "pool"],
  period: ["supervisor", "pool"],
  boot: ["supervisor", "pool"],
  strategy: ["supervisor"],
  backoff: ["supervisor", "pool", "worker"]
}

/**
 * `at`: the nodes that are meant, as in a fault: with all that is below. Default: the whole tree. Throws as `simulate` does, and `BadRehearsal`
 * when none of them has what is to be set: nobody is to compare a tree with itself.
 */
export function vary(spec: TreeSpec, policy: Policy, at = `/${spec.id}`): TreeSpec {
  const isMeant = where(decodeTreeOrThrow(spec), at)
  refuseInstance(spec, at)
  const wanted = (Object.keys(owners) as ReadonlyArray<keyof Policy>).filter((key) => policy[key] !== undefined)
  const meant: Array<{ readonly path: string; readonly type: ChildSpec["type"] }> = []
  const visit = (node: ChildSpec, path: string): ChildSpec => {
    const own = isMeant(path)
    if (own) meant.push({ path, type: node.type })
    const keys = own ? wanted.filter((key) => owners[key].includes(node.type)) : []
    const changed = { ...node, ...Object.fromEntries(keys.map((key) => [key, policy[key]])) }
    if (changed.type === "pool") return { ...changed, child: visit(changed.child, `${path}/1`) }
    if (changed.type === "worker") return changed
    return { ...changed, children: changed.children.map((child) => visit(child, `${path}/${child.id}`)) }
  }
  const varied = visit(spec, `/${spec.id}`) as TreeSpec

  for (const key of wanted) {
    if (meant.some(({ type }) => owners[key].includes(type))) continue
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
