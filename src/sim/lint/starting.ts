/** Who is never started, never ready, or whose end nobody hears of. */
import { sayDuration } from "../../tree/duration.ts"
import type { Worker } from "../../tree/Spec.ts"
import type { Branch, Remark } from "./Finding.ts"

/** Whoever comes after a child that may take for ever to be ready may never be started, and the boot never ends. */
export function waitsForEver(branch: Branch): ReadonlyArray<Remark> {
  if (branch.type === "pool") return []
  return branch.children.flatMap((child, place) => {
    if (child.type !== "worker" || child.startTimeout !== "infinity") return []
    if (child.ready.type === "spawned" || child.ready.type === "exited") return []
    const after = branch.children.slice(place + 1).map(({ id }) => id)
    if (after.length === 0) return []
    const because = `${list(after)} ${after.length === 1 ? "is" : "are"} never started if ${child.id} never says that it is ready: it has for ever to do so.`
    return [{ key: `${child.id}.startTimeout`, because, advice: "Give it a time, after which it has failed to start." }]
  })
}

const list = (ids: ReadonlyArray<string>): string =>
  ids.length > 3 ? `${ids.slice(0, 2).join(", ")} and ${ids.length - 2} more` : ids.join(", ")

/** Its time is over before the check that would find it ready. */
export function neverReady({ ready, startTimeout }: Worker): ReadonlyArray<Remark> {
  if (startTimeout === "infinity" || !("interval" in ready)) return []
  const soonest = ready.initialDelay + (ready.successThreshold - 1) * ready.interval
  if (soonest < startTimeout) return []
  const which = ready.successThreshold === 1 ? "the first check" : `check ${ready.successThreshold}, which may find it ready,`
  const because = `it is never ready in time: ${which} is made after ${sayDuration(soonest)}, and it has ${sayDuration(startTimeout)} to be ready.`
  return [{ key: "startTimeout", because, advice: `Give it more than ${sayDuration(soonest)}, or look sooner.` }]
}

/** Giving up is a normal end: it brings back a permanent supervisor only. */
export function endsQuietly(branch: Branch): ReadonlyArray<Remark> {
  if (branch.restart === "permanent" || branch.significant) return []
  const because = `when it gives up, it ends for good and nobody hears of it: its restart is "${branch.restart}", and giving up is a normal end.`
  return [{ key: "restart", because, advice: 'Make it "permanent", which is restarted and counted above; or significant.' }]
}
