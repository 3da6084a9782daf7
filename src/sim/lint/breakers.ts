/** Breakers that never open, or open too late. */
import { type Branch, childrenOf, countOf, type Remark, restartable, times } from "./Finding.ts"

/** How many different children must fail to open the breaker. Undefined without a breaker, or if it can never open. */
function toOpen(branch: Branch): number | undefined {
  const { breaker } = branch
  if (breaker === undefined) return undefined
  const needed = Math.max(breaker.failures, Math.ceil(breaker.share * childrenOf(branch).length * countOf(branch)))
  return needed > restartable(branch).length * countOf(branch) ? undefined : needed
}

/** How many of those failures are counted: the one that opens the breaker is not. Undefined if it can never open. */
export function counted(branch: Branch): number | undefined {
  const needed = toOpen(branch)
  return needed === undefined ? undefined : needed - 1
}

/** The delay before the first probe is drawn from 50 to 100 ms, then 100 to 200, and so on. */
const FIRST_PAUSE_MS = 50

/** At most this many failures of probes are counted within a period: each time the breaker opens, all that fit. */
export function probesWithin(branch: Branch, period: number): number {
  if (toOpen(branch) === undefined) return 0
  const { probeEvery, giveUpAfter } = branch.breaker!
  let [count, left] = [1, period]
  for (let pause = FIRST_PAUSE_MS; left >= 0; pause *= 2) {
    const least = Math.max(1, Math.floor(Math.min(pause, probeEvery / 2)))
    const fit = pause < probeEvery / 2 ? 1 : Math.floor(left / least)
    left -= fit * least
    if (left < 0 || fit === 0) break
    count += fit
  }
  return count * (1 + Math.floor(period / giveUpAfter))
}

export function neverOpens(branch: Branch): ReadonlyArray<Remark> {
  const { breaker } = branch
  if (breaker === undefined || toOpen(branch) !== undefined) return []
  const [all, can] = [childrenOf(branch).length * countOf(branch), restartable(branch).length * countOf(branch)]
  const needed = Math.max(breaker.failures, Math.ceil(breaker.share * all))
  const because = `its breaker never opens: it takes ${needed} different children to fail, and only ${can === 1 ? "1 is" : `${can} are`} ever restarted.`
  const advice =
    can < 2 ? "Leave it out: one child is no group." : `Let it open at ${can} failures or fewer, with a smaller share; or leave it out.`
  return [{ key: "breaker", because, advice }]
}

export function opensTooLate(branch: Branch): ReadonlyArray<Remark> {
  const before = counted(branch)
  if (before === undefined || before <= branch.intensity || branch.intensity === 0 || branch.onIntensity === "failChild") return []
  const needed = before + 1
  const allowed = `${times(branch.intensity)} ${branch.intensity === 1 ? "is" : "are"} allowed`
  const because = `it gives up before its breaker opens: that takes ${needed} different children, and only ${allowed}.`
  return [
    {
      key: "breaker",
      because,
      advice: `Allow at least ${before}, or let it open at ${branch.intensity + 1} failures or fewer, with a smaller share.`
    }
  ]
}
