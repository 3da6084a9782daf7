/** Checks that the process exists, is still the same, is no zombie, and keeps within its limits. */
import { existsSync } from "node:fs"
import type { ProcessCheck } from "../../tree/Probe.ts"
import { kill } from "../os/kill.ts"
import { readProc, readStat } from "../os/proc.ts"
import type { ProbeResult } from "./ProbeResult.ts"
import type { ProbeTarget, RunCheck } from "./ProbeTarget.ts"

/** The least time between two measurements: with ticks of ten milliseconds, a shorter one says little. */
const MIN_INTERVAL_MS = 200

/** How much CPU time an incarnation had used, and when. */
interface CpuUse {
  readonly pid: number
  readonly startTime: number
  readonly cpuMs: number
  readonly at: number
}

/** Reading /proc takes microseconds and never waits, so there is nothing to time out or abort. `proc` is for tests. */
export const running = ({ memory, cpu }: ProcessCheck, proc = "/proc"): RunCheck => {
  let previous: CpuUse | undefined

  const tooBusy = (use: Omit<CpuUse, "at">): ProbeResult => {
    if (cpu === undefined) return undefined
    const now = { ...use, at: performance.now() }
    const last = previous
    if (last === undefined || last.pid !== now.pid || last.startTime !== now.startTime) {
      previous = now
      return undefined
    }
    if (now.at - last.at < MIN_INTERVAL_MS) return undefined
    previous = now
    const cores = (now.cpuMs - last.cpuMs) / (now.at - last.at)
    return cores <= cpu ? undefined : `uses ${cores.toFixed(2)} cores, ${cpu} allowed`
  }

  return async (target) => {
    const { pid } = target
    if (!existsSync(`${proc}/self/stat`)) return withoutProc(target, memory !== undefined || cpu !== undefined)
    const stat = readStat(pid, proc)
    if (pid <= 0 || stat === "missing") return "its process is gone"
    if (stat === "unknown") return "its process cannot be inspected"
    const { startTime, alive, cpuMs } = stat
    if (target.startTime > 0 && startTime !== target.startTime) return `its process is gone: pid ${pid} is another process now`
    if (!alive) return "is a zombie"
    return tooLarge(readProc(`${proc}/${pid}/status`), memory) ?? tooBusy({ pid, startTime, cpuMs })
  }
}

const withoutProc = ({ pid }: ProbeTarget, hasLimits: boolean): ProbeResult => {
  if (kill(pid, "leader", 0) === "gone") return "its process is gone"
  return hasLimits ? "its memory and CPU time cannot be measured: this machine has no /proc" : undefined
}

/** VmRSS is in kB whatever the page size. Shared pages count fully for each process. */
const tooLarge = (status: string, memory: number | undefined): ProbeResult => {
  const used = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
  return memory === undefined || used <= memory ? undefined : `uses ${inMiB(used)}, ${inMiB(memory)} allowed`
}

const inMiB = (bytes: number): string => `${bytes < 10 * 1024 ** 2 ? (bytes / 1024 ** 2).toFixed(1) : Math.round(bytes / 1024 ** 2)} MiB`
