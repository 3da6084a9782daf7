/**
 * Boot: from the first instruction of the first leaf to that of the last. The time before that is the start of a
 * program, and counting from there needs nothing from a contender.
 */
import { type Measure, stays } from "../measure.ts"

export const boot: Measure = {
  name: "boot",
  runs: (sizes) => sizes.filter((size) => size > 1).map(stays),
  take: async ({ reports, kind }) => {
    const times = reports.all.slice(0, kind.leaves).map(({ at }) => Number(at))
    return { value: (Math.max(...times) - Math.min(...times)) / 1e6 }
  }
}
