/** The titles of the laws that this implementation breaks: none for the real one. */
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
