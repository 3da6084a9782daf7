/** Children that are never started or never ready, and supervisors that give up unnoticed. */
import { sayDuration } from "../../tree/duration.ts"
import type { Child, Supervisor, Worker } from "../../tree/Spec.ts"
import type { Branch, Remark } from "./Finding.ts"

/** Children after one that may take forever to become ready may never be started, and the boot never ends. */
export function waitsForEver(branch: Branch): ReadonlyArray<Remark> {
  if (branch.type === "pool") return []
  return branch.children.flatMap((child, index) => {
    if (child.type !== "worker" || child.startTimeout !== "infinity") return []
    if (child.ready.type === "spawned" || child.ready.type === "exited") return []
    const after = startedAfter(branch, index).map(({ id }) => id)
    if (after.length === 0) return []
    const because = `${list(after)} ${after.length === 1 ? "is" : "are"} never started if ${child.id} never becomes ready: its startTimeout is "infinity".`
    return [{ key: `${child.id}.startTimeout`, because, advice: "Give it a time after which its start has failed." }]
  })
}

/** In the order of the list; where children boot together, only those that need it. */
const startedAfter = ({ bootConcurrency, children }: Supervisor, index: number): ReadonlyArray<Child> =>
  bootConcurrency === 1 ? children.slice(index + 1) : children.filter(({ needs }) => needs.includes(children[index]!.id))

const list = (ids: ReadonlyArray<string>): string =>
  ids.length > 3 ? `${ids.slice(0, 2).join(", ")} and ${ids.length - 2} more` : ids.join(", ")

/** Its start times out before the check that could find it ready. */
export function neverReady({ ready, startTimeout }: Worker): ReadonlyArray<Remark> {
  if (startTimeout === "infinity" || !("interval" in ready)) return []
  const soonest = ready.initialDelay + (ready.successThreshold - 1) * ready.interval
  if (soonest < startTimeout) return []
  const which = ready.successThreshold === 1 ? "the first check" : `check ${ready.successThreshold}, the first that can find it ready,`
  const because = `it is never ready in time: ${which} is made after ${sayDuration(soonest)}, and it has ${sayDuration(startTimeout)} to be ready.`
  return [{ key: "startTimeout", because, advice: `Give it more than ${sayDuration(soonest)}, or check sooner.` }]
}

/** Giving up is a normal exit, and only a permanent supervisor is restarted after one. */
export function endsQuietly(branch: Branch): ReadonlyArray<Remark> {
  if (branch.restart === "permanent" || branch.significant) return []
  const because = `when it gives up, it ends for good and nothing notices: its restart is "${branch.restart}", and giving up is a normal exit.`
  return [{ key: "restart", because, advice: 'Make it "permanent", so that it is restarted and counted above; or significant.' }]
}
