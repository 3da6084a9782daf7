/** A strategy answers one question: which children are affected when one of them fails? */
import { markToStart, markToStop } from "./Child.ts"
import type { ChildState, SupervisorState } from "./State.ts"

/** In start order, the culprit included. A child on hold does not take part. */
function affectedBy(sup: SupervisorState, culprit: ChildState): ReadonlyArray<ChildState> {
  if (sup.spec.type === "pool" || sup.spec.strategy === "OneForOne") return [culprit]
  const all = [...sup.children.values()]
  const affected = sup.spec.strategy === "OneForAll" ? all : all.slice(all.indexOf(culprit))
  return affected.filter((child) => child === culprit || !child.record.hold)
}

/** Are siblings affected, too? Then a retry takes care of them. */
export const isGroupStrategy = (sup: SupervisorState): boolean => sup.spec.type === "supervisor" && sup.spec.strategy !== "OneForOne"

/** Does no sibling wait for another? Instances of a pool never do; under OneForOne none does after boot. */
export const areIndependent = (sup: SupervisorState): boolean =>
  sup.spec.type === "pool" || (sup.mode === "running" && !isGroupStrategy(sup))

/** Does no sibling wait for this child when it is restarted? Under OneForOne boot has gone on since it was first up. */
export const restartsAlone = (sup: SupervisorState, child: ChildState): boolean =>
  areIndependent(sup) || (sup.mode === "booting" && !isGroupStrategy(sup) && child.wasUp)

/**
 * Stops all affected siblings, and starts them and the culprit again. An affected temporary child ends for good, unless
 * boot still waits for it.
 */
export function markAffected(sup: SupervisorState, culprit: ChildState): ReadonlyArray<ChildState> {
  const affected = affectedBy(sup, culprit)
  for (const child of affected) {
    if (child.pendingOn?._tag === "Need") continue // it waits for a failed child, and goes on waiting
    if (child !== culprit) markToStop(sup, child, false)
    if (child === culprit || child.spec.restart !== "temporary") markToStart(sup, child, restartsAlone(sup, child))
    else if (!sup.bootWaitsFor.has(child)) sup.toStart.delete(child)
  }
  return affected
}
