/** The titles of the laws that do not hold of this detection: none, of the real one. */
import { detectorLaws } from "./detectorLaws.ts"
import type { Detection } from "./Law.ts"
import { phiLaws } from "./phiLaws.ts"

export const brokenLaws = (detection: Detection): ReadonlyArray<string> =>
  [...phiLaws, ...detectorLaws].flatMap(({ title, holds }) => {
    try {
      holds(detection)
      return []
    } catch {
      return [title]
    }
  })
