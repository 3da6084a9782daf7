/**
 * Restart: from the SIGKILL to one of a few leaves to the first instruction of its replacement, in microseconds. All
 * contenders run at once and lose a leaf in turns, so that each kill of one has a kill of every other beside it.
 */
import { median } from "../figures.ts"
import { pause, type Sample, type Scene, stays } from "../measure.ts"
import { kill } from "../processes.ts"
import type { Report } from "../Reports.ts"
import { Run } from "../Run.ts"

/** A crash usually meets an idle supervisor. */
const PAUSE_MS = 20
/** Contenders that wait a second before each start get no more time than this. */
const LONGEST_MS = 4000

export async function restart(round: number, scene: Scene): Promise<ReadonlyArray<Sample>> {
  const { contenders, sizes, pace, say } = scene
  const size = sizes[0]!
  const all: Array<Run> = []
  const killed: Array<Killed> = []
  try {
    for (const contender of contenders) {
      const run = new Run(contender, scene.workspace, stays(size))
      all.push(run)
      await run.booted().then(
        () => killed.push(new Killed(run)),
        (error: Error) => say(contender, size, error.message)
      )
    }
    const settleMs = Math.max(PAUSE_MS, ...contenders.map(({ settlesAfterMs = 0 }) => settlesAfterMs))
    for (let i = 0; i < pace.kills; i++) {
      if (i % size === 0) await pause(settleMs)
      // None always comes after the same other one.
      for (const one of i % 2 === 0 ? killed : killed.toReversed()) {
        if (one.isOver) continue
        await pause(PAUSE_MS)
        await one.kill(i % size).catch((error: Error) => {
          one.isOver = true
          say(one.run.contender, size, error.message)
        })
      }
    }
  } finally {
    for (const run of all) run.close()
  }
  return killed.flatMap(({ run, each }) =>
    each.length === 0 ? [] : [{ measure: "restart", size, of: run.contender.name, round, value: median(each), each }]
  )
}

/** A contender whose leaves are killed. */
class Killed {
  readonly run: Run
  readonly each: Array<number> = []
  isOver = false
  private readonly alive: Array<Report>
  private next: number
  private spentMs = 0

  constructor(run: Run) {
    this.run = run
    this.alive = run.reports.all.slice(0, run.kind.leaves)
    this.next = run.reports.all.length
  }

  async kill(index: number): Promise<void> {
    const pid = this.run.pidOf(this.alive[index]!)
    if (pid === undefined) throw new Error("a leaf to kill was not found")
    const begin = performance.now()
    const killedAt = process.hrtime.bigint()
    kill(pid)
    const report = await this.run.within(this.run.reports.nth(this.next++), () => "a killed leaf did not come back")
    this.alive[index] = report
    this.each.push(Math.round(Number(report.at - killedAt) / 1000))
    this.spentMs += performance.now() - begin
    this.isOver = this.spentMs > LONGEST_MS
  }
}
