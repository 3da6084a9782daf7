/** A strategy answers one question: who falls with the fallen? */
import type { ChildState, SupervisorState } from "./State.ts"

/** In start order, the fallen included. Who is held down by the operator does not take part. */
export function affectedBy(sup: SupervisorState, fallen: ChildState): ReadonlyArray<ChildState> {
  if (sup.spec.type === "pool" || sup.spec.strategy === "OneForOne") return [fallen]
  const all = [...sup.children.values()]
  const affected = sup.spec.strategy === "OneForAll" ? all : all.slice(all.indexOf(fallen))
  return affected.filter((child) => child === fallen || !child.record.hold)
}

/** Do the others fall too? Then a retry takes care of them. */
export const isGroupStrategy = (sup: SupervisorState): boolean => sup.spec.type === "supervisor" && sup.spec.strategy !== "OneForOne"

/** Does nobody wait for a restarted child? Instances of a pool never; under OneForOne not after boot. */
export const restartsAlone = (sup: SupervisorState): boolean =>
  sup.spec.type === "pool" || (sup.mode === "running" && !isGroupStrategy(sup))
