/** Storm: how many leaves that exit at once are started per second. */
import { type Measure, pause } from "../measure.ts"

const LEAVES = 50
/** The first ones are not counted. */
const WARM_UP_MS = 500

export const storm: Measure = {
  name: "storm",
  runs: () => [{ leaves: LEAVES, leaf: "ends" }],
  take: async ({ reports }, { stormMs }) => {
    await pause(WARM_UP_MS)
    const begin = process.hrtime.bigint()
    await pause(stormMs)
    const end = process.hrtime.bigint()
    const started = reports.all.filter(({ at }) => at >= begin && at < end).length
    return { value: (started * 1e9) / Number(end - begin) }
  }
}
