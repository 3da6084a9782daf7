/** Memory: what the supervisor's own processes take, with one leaf and with all of them, in MiB. */
import { type Measure, pause, stays } from "../measure.ts"
import { proportionalKiB } from "../processes.ts"

const SETTLE_MS = 500

export const memory: Measure = {
  name: "memory",
  runs: (sizes) => [stays(1), stays(sizes.at(-1)!)],
  take: async (run) => {
    await pause(SETTLE_MS)
    const kib = run.supervisors().reduce((sum, pid) => sum + proportionalKiB(pid), 0)
    return { value: kib / 1024 }
  }
}
