/** The titles of the laws that this implementation breaks: none for the real one. */
import { adaptiveLaws } from "./adaptiveLaws.ts"
import { gateLaws } from "./gateLaws.ts"
import type { Pacing } from "./Law.ts"

export const brokenPacing = (pacing: Pacing): ReadonlyArray<string> =>
  [...adaptiveLaws, ...gateLaws].flatMap(({ title, holds }) => {
    try {
      holds(pacing)
      return []
    } catch {
      return [title]
    }
  })
