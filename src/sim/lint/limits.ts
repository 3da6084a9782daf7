/** Limits that can never be crossed, and limits that are crossed at once. */
import { sayDuration } from "../../tree/duration.ts"
import { counted, probesWithin } from "./breakers.ts"
import { type Branch, countOf, type Remark, restartable, times } from "./Finding.ts"
import { restartsWithin } from "./restartsWithin.ts"

/** An intensity this high means "no limit", on purpose; and counting that far is of no use. */
const NO_LIMIT = 100_000

/**
 * Backoff keeps the children from ever crossing the limit: a permanent failure is restarted forever and never reported
 * above.
 */
export function neverTrips(branch: Branch): ReadonlyArray<Remark> {
  const { intensity, period } = branch
  if (intensity >= NO_LIMIT) return []
  const isRestForOne = branch.type === "supervisor" && branch.strategy === "RestForOne"
  if (branch.onIntensity === "failChild") return neverFails(branch)
  let most = probesWithin(branch, period)
  for (const child of restartable(branch)) {
    // With RestForOne, a failure before it in the list cuts its delay short: each may add one restart.
    most += countOf(branch) * restartsWithin(child.backoff, period, intensity + 1) + (isRestForOne ? most : 0)
    if (most > intensity) return []
  }
  if (most === 0) return []
  const because =
    `its limit can never be crossed: however its children fail, backoff lets ${times(most)} fall into ` +
    `${sayDuration(period)}, and ${intensity} are allowed.`
  return [{ key: "intensity", because, advice: `Allow fewer than ${most}, count over a longer period, or start again sooner.` }]
}

/** The same where restarts are counted per child. */
function neverFails(branch: Branch): ReadonlyArray<Remark> {
  const { intensity, period } = branch
  const children = restartable(branch)
  const most = Math.max(0, ...children.map((child) => restartsWithin(child.backoff, period, intensity + 1)))
  if (most === 0 || most > intensity) return []
  const because = `no child is ever failed: backoff lets ${times(most)} of each fall into ${sayDuration(period)}, and ${intensity} are allowed.`
  return [{ key: "intensity", because, advice: `Allow fewer than ${most}, count over a longer period, or start again sooner.` }]
}

/** One hiccup of a shared dependency crosses the limit. That all children fail once is no reason to give up. */
export function tripsAtOnce(branch: Branch): ReadonlyArray<Remark> {
  const restartsAlone = branch.type === "pool" || branch.strategy === "OneForOne"
  const children = restartable(branch).length * countOf(branch)
  if (children === 0) return []
  if (branch.intensity === 0) {
    const isFailed = branch.onIntensity === "failChild"
    const because = `the first exit of any child ${isFailed ? "fails it" : "makes it give up"}: no restart is allowed.`
    return [
      { key: "intensity", because, advice: "Allow at least one, or make the children temporary, which says the same and counts nothing." }
    ]
  }
  // With a breaker, the breaker handles this.
  if (branch.onIntensity === "failChild" || !restartsAlone || children <= branch.intensity || counted(branch) !== undefined) return []
  const because = `if its ${children} children all fail once at the same time, it gives up: that is ${times(children)}, and ${branch.intensity} are allowed.`
  return [{ key: "intensity", because, advice: `Allow at least ${children}, or OneForAll, which counts them as one.` }]
}
