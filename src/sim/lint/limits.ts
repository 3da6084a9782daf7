/** Limits that are never crossed, and limits that are crossed at once. */
import { sayDuration } from "../../tree/duration.ts"
import { counted, probesWithin } from "./breakers.ts"
import { type Branch, countOf, type Remark, restartable, times } from "./Finding.ts"
import { restartsWithin } from "./restartsWithin.ts"

/** Who allows so many has lifted the limit on purpose; and nobody need count that far. */
const LIFTED = 100_000

/** A limit that the backoffs keep anybody from crossing: what fails for good is restarted for ever, and nobody above hears of it. */
export function neverTrips(branch: Branch): ReadonlyArray<Remark> {
  const { intensity, period } = branch
  if (intensity >= LIFTED) return []
  const spreads = branch.type === "supervisor" && branch.strategy === "RestForOne"
  let most = probesWithin(branch, period)
  for (const child of restartable(branch)) {
    // Under RestForOne the fall of one before it ends its wait early: each of those may bring one restart more.
    most += countOf(branch) * restartsWithin(child.backoff, period, intensity + 1) + (spreads ? most : 0)
    if (most > intensity) return []
  }
  if (most === 0) return []
  const because =
    `its limit can never be crossed: however its children fail, backoff lets ${times(most)} fall into ` +
    `${sayDuration(period)}, and ${intensity} are allowed.`
  return [{ key: "intensity", because, advice: `Allow fewer than ${most}, count over a longer period, or start again sooner.` }]
}

/** A limit that is crossed by one hiccup of what all children stand on: that they all fall once is no reason to give up. */
export function tripsAtOnce(branch: Branch): ReadonlyArray<Remark> {
  const fallAlone = branch.type === "pool" || branch.strategy === "OneForOne"
  const children = restartable(branch).length * countOf(branch)
  if (children === 0) return []
  if (branch.intensity === 0) {
    const because = "the first exit of any child makes it give up: no restart is allowed."
    return [
      { key: "intensity", because, advice: "Allow at least one, or make the children temporary, which says the same and counts nothing." }
    ]
  }
  // With a breaker it is the breaker's affair.
  if (!fallAlone || children <= branch.intensity || counted(branch) !== undefined) return []
  const because = `if its ${children} children all fall once at the same moment, it gives up: that is ${times(children)}, and ${branch.intensity} are allowed.`
  return [{ key: "intensity", because, advice: `Allow at least ${children}, or OneForAll, which counts them as one.` }]
}
