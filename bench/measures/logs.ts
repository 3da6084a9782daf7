/**
 * Logs: the processor time of a supervisor for a gigabyte of output in lines of 200 bytes, which it writes to files
 * with a time stamp each, in seconds; once written line by line and once in writes of 64 KiB. The writer's own time
 * does not count. Of ours the keeper's part is also shown alone: it writes the files, and the brain reads along.
 */
import { execFileSync } from "node:child_process"
import { closeSync, constants, openSync } from "node:fs"
import { basename, join } from "node:path"
import type { Contender, Job } from "../contender.ts"
import { loggers } from "../loggers.ts"
import { pause, type Sample, type Scene } from "../measure.ts"
import { marked, ranFor } from "../processes.ts"
import { Run } from "../Run.ts"
import type { Workspace } from "../Workspace.ts"

const WRITES = [200, 65_536]
/** By then a supervisor has done what comes with a start, and has read what the last write has left in the pipe. */
const SETTLE_MS = 200
const CHECK_MS = 5

export async function logs(round: number, scene: Scene): Promise<ReadonlyArray<Sample>> {
  const samples: Array<Sample> = []
  for (const size of WRITES)
    for (const contender of scene.contenders.filter(({ name }) => loggers.has(name))) {
      try {
        const { all, keeper } = await secondsPerGB(contender, scene.workspace, size, scene.pace.logMiB * 2 ** 20)
        samples.push({ measure: "logs", size, of: contender.name, round, value: all })
        if (keeper > 0) samples.push({ measure: "logs", size, of: "keeper alone", round, value: keeper })
      } catch (error) {
        scene.say(contender, 1, (error as Error).message)
      }
    }
  return samples
}

interface Spent {
  readonly all: number
  readonly keeper: number
}

async function secondsPerGB(contender: Contender, workspace: Workspace, size: number, total: number): Promise<Spent> {
  const writer = workspace.compiled("writer")
  const start = (job: Job): ReturnType<Contender["start"]> => {
    const [go, reports] = [join(job.room, "go"), join(job.room, "reports")]
    execFileSync("mkfifo", [go])
    return loggers.get(contender.name)!(job, [writer, String(size), String(total), go, reports])
  }
  const run = new Run({ ...contender, start }, workspace, { leaves: 1, leaf: "stays" })
  try {
    const go = await run.within(opened(join(run.room, "go")), () => "the writer did not come up")
    await pause(SETTLE_MS)
    const own = marked(workspace.folder).filter(({ program }) => program !== writer)
    const ran = (processes: typeof own): number => processes.reduce((sum, { pid }) => sum + ranFor(pid), 0)
    const keepers = own.filter(({ program }) => basename(program).startsWith("keeper"))
    const [all, keeper] = [ran(own), ran(keepers)]
    closeSync(go)
    await run.booted()
    await pause(SETTLE_MS)
    return { all: (ran(own) - all) / total, keeper: (ran(keepers) - keeper) / total }
  } finally {
    run.close()
  }
}

/** A fifo for writing, as soon as it is read. */
async function opened(fifo: string): Promise<number> {
  for (;;) {
    try {
      return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENXIO") throw error
    }
    await pause(CHECK_MS)
  }
}
