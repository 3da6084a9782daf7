/**
 * All laws of the monitors, and the titles of those that do not hold (of the titles that match): none for the real
 * monitors.
 */
import { heartbeatLaws } from "./heartbeatMonitorLaws.ts"
import type { Law, Monitors } from "./Law.ts"
import { smallLaws } from "./smallLaws.ts"
import { workerLaws } from "./workerMonitorLaws.ts"

export const laws: ReadonlyArray<Law> = [...smallLaws, ...heartbeatLaws, ...workerLaws]

export const brokenLaws = async (monitors: Monitors, titles = /^/): Promise<ReadonlyArray<string>> => {
  const broken: Array<string> = []
  for (const { title, holds } of laws) {
    if (!titles.test(title)) continue
    try {
      await holds(monitors)
    } catch {
      broken.push(title)
    }
  }
  return broken
}
