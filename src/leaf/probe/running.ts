/** Is the process still there, still the same, no zombie, and within its limits? */
import { existsSync } from "node:fs"
import type { ProcessCheck } from "../../tree/Probe.ts"
import { kill } from "../os/kill.ts"
import { readProc, readStat } from "../os/proc.ts"
import type { ProbeResult } from "./ProbeResult.ts"
import type { ProbeTarget, RunCheck } from "./ProbeTarget.ts"

/** Two looks must be so far apart: at ten milliseconds a tick, a shorter time says little. */
const LEAST_BETWEEN_MS = 200

/** How much processor time an incarnation had used, and when. */
interface Look {
  readonly pid: number
  readonly startTime: number
  readonly cpuMs: number
  readonly at: number
}

/** Reading /proc takes microseconds and never waits, so there is nothing here to time out or to abort. `proc` is for tests. */
export const running = ({ memory, cpu }: ProcessCheck, proc = "/proc"): RunCheck => {
  let before: Look | undefined

  const tooBusy = (seen: Omit<Look, "at">): ProbeResult => {
    if (cpu === undefined) return undefined
    const look = { ...seen, at: performance.now() }
    const last = before
    if (last === undefined || last.pid !== look.pid || last.startTime !== look.startTime) {
      before = look
      return undefined
    }
    if (look.at - last.at < LEAST_BETWEEN_MS) return undefined
    before = look
    const cores = (look.cpuMs - last.cpuMs) / (look.at - last.at)
    return cores <= cpu ? undefined : `uses ${cores.toFixed(2)} cores, ${cpu} allowed`
  }

  return async (target) => {
    const { pid } = target
    if (!existsSync(`${proc}/self/stat`)) return withoutProc(target, memory !== undefined || cpu !== undefined)
    const stat = readStat(pid, proc)
    if (pid <= 0 || stat === "missing") return "its process is gone"
    if (stat === "unknown") return "its process cannot be looked at"
    const { startTime, alive, cpuMs } = stat
    if (target.startTime > 0 && startTime !== target.startTime) return `its process is gone: pid ${pid} is another one now`
    if (!alive) return "is a zombie"
    return tooLarge(readProc(`${proc}/${pid}/status`), memory) ?? tooBusy({ pid, startTime, cpuMs })
  }
}

const withoutProc = ({ pid }: ProbeTarget, hasLimits: boolean): ProbeResult => {
  if (kill(pid, "leader", 0) === "gone") return "its process is gone"
  return hasLimits ? "its memory and processor time cannot be seen: this machine has no /proc" : undefined
}

/** In kB here, whatever the size of a page is; pages that are shared count for everybody. */
const tooLarge = (status: string, memory: number | undefined): ProbeResult => {
  const used = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
  return memory === undefined || used <= memory ? undefined : `uses ${inMiB(used)}, ${inMiB(memory)} allowed`
}

const inMiB = (bytes: number): string => `${bytes < 10 * 1024 ** 2 ? (bytes / 1024 ** 2).toFixed(1) : Math.round(bytes / 1024 ** 2)} MiB`
