/** Who of a group has failed lately: the last failure of each, oldest first. Amortised O(1). */
export type RecentFailures = Map<string, number>

/** Enters a failure, forgets those before `now` − `withinMs`, and says how many different ones are left. */
export function countRecent(herd: RecentFailures, id: string, now: number, withinMs: number): number {
  herd.delete(id) // to the end of the order
  herd.set(id, now)
  for (const [other, at] of herd) {
    if (at >= now - withinMs) break
    herd.delete(other)
  }
  return herd.size
}
