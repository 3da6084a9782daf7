/** Breakers that never open, or too late. */
import { type Branch, childrenOf, countOf, type Remark, restartable } from "./Finding.ts"

/** So many different ones must fail before the breaker opens; undefined if there is none, or it never does. */
function toOpen(branch: Branch): number | undefined {
  const { breaker } = branch
  if (breaker === undefined) return undefined
  const needed = Math.max(breaker.failures, Math.ceil(breaker.share * childrenOf(branch).length * countOf(branch)))
  return needed > restartable(branch).length * countOf(branch) ? undefined : needed
}

/** So many of them are counted: the one that opens it is held already. Undefined if it never opens. */
export function counted(branch: Branch): number | undefined {
  const needed = toOpen(branch)
  return needed === undefined ? undefined : needed - 1
}

/** The pauses before the first ones that are sent ahead are up to 100, 200, 400, … ms; half of each is the least. */
const FIRST_PAUSE_MS = 50

/** How many failures of those who are sent ahead may be counted in a closed period, at the most: each time it opens, all that fit into it. */
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
  const because = `its breaker never opens: it waits for ${needed} different children to fail, and ${can === 1 ? "1 is" : `${can} are`} restarted at all.`
  const advice =
    can < 2 ? "Leave it out: one child is no group." : `Let ${can} failures or fewer open it, and a smaller share; or leave it out.`
  return [{ key: "breaker", because, advice }]
}

export function opensTooLate(branch: Branch): ReadonlyArray<Remark> {
  const before = counted(branch)
  if (before === undefined || before <= branch.intensity || branch.intensity === 0) return []
  const needed = before + 1
  const because = `it gives up before its breaker opens: that takes ${needed} different children, and after ${branch.intensity} restarts it is over.`
  return [
    {
      key: "breaker",
      because,
      advice: `Allow at least ${before}, or let ${branch.intensity + 1} failures or fewer open it, and a smaller share.`
    }
  ]
}
