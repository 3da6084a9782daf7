/** The children of a group that failed recently: the last failure of each, oldest first. */
export type RecentFailures = Map<string, number>

/** Adds a failure, forgets those before `now` − `withinMs`, and answers how many children are left. Amortised O(1). */
export function countRecent(recent: RecentFailures, id: string, now: number, withinMs: number): number {
  recent.delete(id) // so that it moves to the end
  recent.set(id, now)
  for (const [other, at] of recent) {
    if (at >= now - withinMs) break
    recent.delete(other)
  }
  return recent.size
}
