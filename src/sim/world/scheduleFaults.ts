/** Chooses a time for each fault that has none: by the seed, and for each separately. */
import { draw } from "./draw.ts"
import type { Injection, ScheduledInjection } from "./Injection.ts"

/** Within the first `forMs` milliseconds, and, if possible, such that each fault is over by then. */
export function scheduleFaults(injections: ReadonlyArray<Injection>, forMs: number, seed: number): ReadonlyArray<ScheduledInjection> {
  const counts = new Map<string, number>()
  return injections.map((injection) => {
    const { at, ...what } = injection
    if (at !== undefined) return { ...injection, at }
    const key = JSON.stringify(what)
    const nth = counts.get(key) ?? 0
    counts.set(key, nth + 1)
    const latest = Math.max(0, forMs - ("forMs" in injection ? injection.forMs : 0))
    return { ...injection, at: Math.floor(draw(seed, key, "moment", nth) * latest) }
  })
}
