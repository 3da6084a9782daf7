/** All laws of the watch, and the titles of those, of such titles, that do not hold of this one: none, of the real one. */
import { heartLaws } from "./heartbeatMonitorLaws.ts"
import type { Law, Watching } from "./Law.ts"
import { smallLaws } from "./smallLaws.ts"
import { watchLaws } from "./workerMonitorLaws.ts"

export const laws: ReadonlyArray<Law> = [...smallLaws, ...heartLaws, ...watchLaws]

export const brokenLaws = async (watching: Watching, such = /^/): Promise<ReadonlyArray<string>> => {
  const broken: Array<string> = []
  for (const { title, holds } of laws) {
    if (!such.test(title)) continue
    try {
      await holds(watching)
    } catch {
      broken.push(title)
    }
  }
  return broken
}
