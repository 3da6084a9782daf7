/** Restart: from the SIGKILL to one of a few leaves to the first instruction of its replacement, in microseconds. */
import { median } from "../figures.ts"
import { type Measure, pause, stays } from "../measure.ts"
import { kill } from "../processes.ts"

/** A crash usually meets an idle supervisor. */
const PAUSE_MS = 20
/** Contenders that wait a second before each start get no more time than this. */
const LONGEST_MS = 4000

export const restart: Measure = {
  name: "restart",
  runs: (sizes) => [stays(sizes[0]!)],
  take: async (run, { kills }) => {
    const { reports, kind, contender } = run
    const alive = reports.all.slice(0, kind.leaves).map(({ pid }) => pid)
    const each: Array<number> = []
    const begin = performance.now()
    let next = reports.all.length
    while (each.length < kills && performance.now() - begin < LONGEST_MS) {
      const index = each.length % alive.length
      await pause(index === 0 ? (contender.settlesAfterMs ?? PAUSE_MS) : PAUSE_MS)
      const killedAt = process.hrtime.bigint()
      kill(alive[index]!)
      const { pid, at } = await run.within(reports.nth(next++), () => "a killed leaf did not come back")
      alive[index] = pid
      each.push(Number(at - killedAt) / 1000)
    }
    return { value: median(each), each: each.map((us) => Math.round(us)) }
  }
}
