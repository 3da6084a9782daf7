/**
 * A pool: numbered, unordered, independent instances of one child. (OTP: simple_one_for_one; Elixir: DynamicSupervisor)
 *
 * It is the same machine as a supervisor; only its children come from elsewhere. A number is never used again, so a
 * path always means the same instance.
 */
import type { Pool } from "../tree/Spec.ts"
import { add, markToStart, markToStop, unhold } from "./Child.ts"
import type { Answer, Request } from "./Event.ts"
import { tell } from "./emit.ts"
import type { ChildState, SupervisorState, TreeState } from "./State.ts"

/** Adds this many instances, which are not to be started yet. */
export function populate(tree: TreeState, sup: SupervisorState, more: number): ReadonlyArray<ChildState> {
  return Array.from({ length: more }, () => addInstance(tree, sup, []))
}

function addInstance(tree: TreeState, sup: SupervisorState, argv: ReadonlyArray<string>): ChildState {
  return add(tree, sup, String(++sup.record.instances), template(sup), argv)
}

/** Adds new instances, or stops the newest. Answers at once, before that is done. */
export function scale(tree: TreeState, sup: SupervisorState, size: number): Answer {
  const { max } = sup.spec as Pool
  if (!Number.isInteger(size) || size < 0) return { _tag: "Refused", why: { _tag: "BadSize", path: sup.path, size } }
  if (size > max) return { _tag: "Refused", why: { _tag: "PoolFull", path: sup.path, max } }
  const staying = [...sup.children.values()].filter((child) => !sup.toStop.has(child) || sup.toStart.has(child) || child.record.hold)
  for (const child of populate(tree, sup, Math.max(0, size - staying.length))) {
    tell(tree, { _tag: "Added", path: child.path })
    markToStart(sup, child, true)
  }
  for (const child of staying.slice(size)) {
    unhold(tree, child)
    sup.toStart.delete(child)
    markToStop(sup, child, true)
  }
  return { _tag: "Done" }
}

/** One more instance. If it cannot start, the caller is told, and the instance is removed. */
export function startInstance(tree: TreeState, sup: SupervisorState, ticket: number, request: Extract<Request, { _tag: "startInstance" }>) {
  const { max } = sup.spec as Pool
  if (sup.children.size >= max) return { _tag: "Refused", why: { _tag: "PoolFull", path: sup.path, max } } as const
  const child = addInstance(tree, sup, request.argv)
  tell(tree, { _tag: "Added", path: child.path })
  child.tickets = [ticket]
  child.askedFor = "start"
  markToStart(sup, child, true)
  return undefined
}

export const template = (sup: SupervisorState) => (sup.spec as Pool).child
