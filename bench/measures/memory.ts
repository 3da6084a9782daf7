/**
 * Memory: what the supervisor's own processes take with one leaf and with all of them, in MiB, after a collection of
 * garbage where one can be asked for. And how much of it is the keeper's and its guard's.
 */
import { type Measure, pause, stays, type Taken } from "../measure.ts"
import { proportionalKiB } from "../processes.ts"
import type { Run } from "../Run.ts"

const SETTLE_MS = 500

const runs: Measure["runs"] = (sizes) => [stays(1), stays(sizes.at(-1)!)]

const share = (pids: ReadonlyArray<number>): Taken => ({ value: pids.reduce((sum, pid) => sum + proportionalKiB(pid), 0) / 1024 })

export const memory: Measure = {
  name: "memory",
  runs,
  take: async (run: Run) => {
    await pause(SETTLE_MS)
    if (run.contender.collects) {
      run.process.kill("SIGUSR1")
      await pause(SETTLE_MS)
    }
    return share(run.supervisors())
  }
}

export const keeper: Measure = {
  name: "keeper",
  runs,
  take: async (run: Run) => {
    const pids = [...run.supervisors("keeper"), ...run.supervisors(`keeper-${process.arch}`)]
    return pids.length === 0 ? undefined : share(pids)
  }
}
