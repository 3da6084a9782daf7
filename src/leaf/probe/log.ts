/** Checks that a matching line of output came recently. */
import { sayDuration } from "../../tree/duration.ts"
import type { LogCheck } from "../../tree/Probe.ts"
import type { RunCheck } from "./ProbeTarget.ts"

export const log =
  ({ pattern, maxAge }: LogCheck): RunCheck =>
  async ({ lastMatch }) => {
    const age = lastMatch(pattern)
    if (age === undefined) return `no line of its output has matched /${pattern}/ yet`
    if (age <= maxAge) return undefined
    return `the last line of its output that matches /${pattern}/ came ${sayDuration(age)} ago, ${sayDuration(maxAge)} allowed`
  }
