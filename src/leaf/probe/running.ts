/** Is the process still there, still the same, no zombie, and within its limits? */
import { existsSync, readFileSync } from "node:fs"
import type { ProcessCheck } from "../../tree/Probe.ts"
import { parseStat } from "../node/ProcessGroup.ts"
import { kill } from "../os/kill.ts"
import type { ProbeResult } from "./ProbeResult.ts"
import type { ProbeTarget, RunCheck } from "./ProbeTarget.ts"

/** What /proc counts processor time in. The kernel tells it to programs, not to us; on everything that runs Node it is this. */
const TICKS_PER_SECOND = 100
/** Two looks must be so far apart: at ten milliseconds a tick, a shorter time says little. */
const LEAST_BETWEEN_MS = 200

/** How much processor time a life had used, and when. */
interface Look {
  readonly pid: number
  readonly startTime: number
  readonly ticks: number
  readonly at: number
}

/** Reading /proc takes microseconds and never waits, so there is nothing here to time out or to abort. `proc` is for tests. */
export const running = ({ memory, cpu }: ProcessCheck, proc = "/proc"): RunCheck => {
  let before: Look | undefined

  const tooBusy = ({ pid }: ProbeTarget, stat: string, startTime: number): ProbeResult => {
    if (cpu === undefined) return undefined
    const look = { pid, startTime, ticks: ticksIn(stat), at: performance.now() }
    const last = before
    if (last === undefined || last.pid !== pid || last.startTime !== startTime) {
      before = look
      return undefined
    }
    if (look.at - last.at < LEAST_BETWEEN_MS) return undefined
    before = look
    const cores = ((look.ticks - last.ticks) / TICKS_PER_SECOND / (look.at - last.at)) * 1000
    return cores <= cpu ? undefined : `uses ${cores.toFixed(2)} cores, ${cpu} allowed`
  }

  return async (target) => {
    const { pid } = target
    if (!existsSync(`${proc}/self/stat`)) return withoutProc(target, memory !== undefined || cpu !== undefined)
    const stat = read(`${proc}/${pid}/stat`)
    const parsed = parseStat(stat)
    if (pid <= 0 || parsed === undefined) return "its process is gone"
    if (target.startTime > 0 && parsed.startTime !== target.startTime) return `its process is gone: pid ${pid} is another one now`
    if (!parsed.alive) return "is a zombie"
    return tooLarge(read(`${proc}/${pid}/status`), memory) ?? tooBusy(target, stat, parsed.startTime)
  }
}

const withoutProc = ({ pid }: ProbeTarget, hasLimits: boolean): ProbeResult => {
  if (kill(pid, "leader", 0) === "gone") return "its process is gone"
  return hasLimits ? "its memory and processor time cannot be seen: this machine has no /proc" : undefined
}

/** Empty where there is no such file any more. */
const read = (file: string): string => {
  try {
    return readFileSync(file, "latin1")
  } catch {
    return ""
  }
}

/** In kB here, whatever the size of a page is; pages that are shared count for everybody. */
const tooLarge = (status: string, memory: number | undefined): ProbeResult => {
  const used = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
  return memory === undefined || used <= memory ? undefined : `uses ${inMiB(used)}, ${inMiB(memory)} allowed`
}

const inMiB = (bytes: number): string => `${bytes < 10 * 1024 ** 2 ? (bytes / 1024 ** 2).toFixed(1) : Math.round(bytes / 1024 ** 2)} MiB`

/** In user and in kernel mode, of all its threads. */
const ticksIn = (stat: string): number => {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return Number(fields[11]) + Number(fields[12])
}
