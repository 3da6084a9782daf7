/** How long stopping takes, and settings that contradict it. */
import { sayDuration } from "../../tree/duration.ts"
import type { Child, Worker } from "../../tree/Spec.ts"
import { type Branch, childrenOf, type Remark } from "./Finding.ts"

/** A supervisor that may be killed while its children still have time to stop. */
export function stopsTooSoon(branch: Branch): ReadonlyArray<Remark> {
  const { shutdown } = branch
  if (typeof shutdown !== "number") return []
  const needed = shutdownBudgetMs(branch)
  if (needed <= shutdown) return []
  const need = needed === Number.POSITIVE_INFINITY ? "forever" : sayDuration(needed)
  const how = branch.type === "pool" ? "all together" : "one after the other"
  const because = `it is killed ${sayDuration(shutdown)} after it is told to stop, while its children may take ${need}, ${how}.`
  const enough = needed === Number.POSITIVE_INFINITY ? "" : `, or ${sayDuration(needed)}`
  return [{ key: "shutdown", because, advice: `Give it "infinity", which is the default${enough}; or give its children less.` }]
}

/**
 * How long everything below may take to stop, in milliseconds: children one after the other, instances of a pool
 * together.
 */
export const shutdownBudgetMs = (branch: Branch): number => {
  const each = childrenOf(branch).map(longest)
  return branch.type === "pool" ? (each[0] ?? 0) : each.reduce((sum, ms) => sum + ms, 0)
}

const longest = (child: Child): number => {
  if (child.shutdown === "brutalKill") return 0
  if (typeof child.shutdown === "number") return child.shutdown
  return child.type === "worker" ? Number.POSITIVE_INFINITY : shutdownBudgetMs(child)
}

/** A process that hangs may ignore the stop signal. If it is never killed, it is never restarted. */
export function hangsForEver({ shutdown, heartbeat, health }: Worker): ReadonlyArray<Remark> {
  const isWatched = heartbeat !== undefined || health.some(({ onFailure }) => onFailure === "restart")
  if (shutdown !== "infinity" || !isWatched) return []
  const because = "if it hangs, it has forever to stop, and may ignore the stop signal: then it is never restarted."
  return [{ key: "shutdown", because, advice: "Give it a time after which it is killed." }]
}
