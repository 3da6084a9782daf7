/** When the faults come that nobody has dated: the seed decides, for each by itself. */
import { draw } from "./draw.ts"
import type { Dated, Injection } from "./Injection.ts"

/** Within the first `forMs`, and so that each is over by then if that is possible. */
export function scheduleFaults(injections: ReadonlyArray<Injection>, forMs: number, seed: number): ReadonlyArray<Dated> {
  const met = new Map<string, number>()
  return injections.map((injection) => {
    const { at, ...what } = injection
    if (at !== undefined) return { ...injection, at }
    const key = JSON.stringify(what)
    const nth = met.get(key) ?? 0
    met.set(key, nth + 1)
    const latest = Math.max(0, forMs - ("forMs" in injection ? injection.forMs : 0))
    return { ...injection, at: Math.floor(draw(seed, key, "moment", nth) * latest) }
  })
}
