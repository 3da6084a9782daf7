/** What a lint rule reports, and what the rules share. */
import type { Child, Pool, Supervisor } from "../../tree/Spec.ts"

export interface Finding {
  readonly path: string
  /** The key it is about. */
  readonly key: string
  /** A sentence: what follows from it. */
  readonly because: string
  /** A sentence: what to change if that was not meant. */
  readonly advice: string
}

/** What a rule reports about the node it was given. */
export type Remark = Omit<Finding, "path">

export type Branch = Supervisor | Pool

export const childrenOf = (branch: Branch): ReadonlyArray<Child> => (branch.type === "pool" ? [branch.child] : branch.children)
export const restartable = (branch: Branch): ReadonlyArray<Child> => childrenOf(branch).filter(({ restart }) => restart !== "temporary")
/** How many children each written child stands for. */
export const countOf = (branch: Branch): number => (branch.type === "pool" ? branch.size : 1)

export const times = (count: number): string => (count === 1 ? "1 restart" : `${count} restarts`)
