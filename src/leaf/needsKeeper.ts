/** What a tree asks for that not every spawner can do. A field that is left out asks for nothing. */
import * as Schema from "effect/Schema"
import { SentenceError } from "../tree/SentenceError.ts"
import type { Child } from "../tree/Spec.ts"

const Need = Schema.Struct({ path: Schema.String, field: Schema.Literals(["logs", "ready: notify()", 'heartbeat from "notify"']) })

/** A field of a node that only the keeper can do. */
type KeeperNeed = typeof Need.Type

/** All of them, a parent before its children. `*` stands for the instances of a pool. */
export function needsKeeper(node: Child, path = `/${node.id}`): ReadonlyArray<KeeperNeed> {
  const below = node.type === "supervisor" ? node.children : node.type === "pool" ? [node.child] : []
  const need = (field: KeeperNeed["field"], isThere: boolean) => (isThere ? [{ path, field }] : [])
  return [
    ...need("logs", typeof node.logs === "object"),
    ...need("ready: notify()", node.type === "worker" && node.ready.type === "notify"),
    ...need('heartbeat from "notify"', node.type === "worker" && node.heartbeat?.from.type === "notify"),
    ...below.flatMap((child) => needsKeeper(child, `${path}/${node.type === "pool" ? "*" : child.id}`))
  ]
}

/** The tree asks for what only the keeper can do, and it is to run without one. */
export class KeeperNeeded extends SentenceError<KeeperNeeded>()("KeeperNeeded", { needs: Schema.Array(Need) }) {
  override get message(): string {
    return `${sayNeeds(this.needs)} the keeper; run the tree with the spawner "keeper", on Linux, or leave that out.`
  }
}

/** The tree asks for files in its state directory, and it is to run without one. */
export class StateNeeded extends SentenceError<StateNeeded>()("StateNeeded", { needs: Schema.Array(Need) }) {
  override get message(): string {
    return `${sayNeeds(this.needs)} a state directory; run the tree with one, or leave that out.`
  }
}

export type Unmet = KeeperNeeded | StateNeeded

/** Why it cannot have what it asks for. */
export function unmetNeed(node: Child, has: { readonly keeper: boolean; readonly state: boolean }, path?: string): Unmet | undefined {
  if (has.keeper && has.state) return undefined
  const needs = needsKeeper(node, path).filter(({ field }) => !has.keeper || field === "logs")
  if (needs.length === 0) return undefined
  return has.keeper ? new StateNeeded({ needs }) : new KeeperNeeded({ needs })
}

const NAMED_MOST = 5

/** `logs of /shop/db, logs of /shop/web and 3 more need` */
function sayNeeds(needs: ReadonlyArray<KeeperNeed>): string {
  const named = needs.slice(0, NAMED_MOST).map(({ path, field }) => `${field} of ${path}`)
  const more = needs.length > NAMED_MOST ? ` and ${needs.length - NAMED_MOST} more` : ""
  return `${named.join(", ")}${more} ${needs.length === 1 ? "needs" : "need"}`
}
