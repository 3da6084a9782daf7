/** Idling: the share of a core, in percent, that the supervisor's own processes use while nothing happens. */
import { type Measure, pause, stays } from "../measure.ts"
import { ranFor } from "../processes.ts"

export const idle: Measure = {
  name: "idle",
  runs: (sizes) => [stays(sizes.at(-1)!)],
  take: async (run, { idleMs }) => {
    const pids = run.supervisors()
    const ran = (): number => pids.reduce((sum, pid) => sum + ranFor(pid), 0)
    const [before, begin] = [ran(), performance.now()]
    await pause(idleMs)
    return { value: (100 * (ran() - before)) / ((performance.now() - begin) * 1e6) }
  }
}
