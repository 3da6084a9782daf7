/**
 * Takes a sample of a process from outside: what /proc says about why it may be silent.
 *
 * It reads a handful of small files, about 0.1 ms in all, synchronously. None of them waits for the process itself
 * (others do, its command line for one). What the machine does not offer is left out. Nothing here throws.
 */
import { monotonicMs } from "./monotonic.ts"
import { queuedMs, readProc, readStat } from "./proc.ts"

/** What one process was like at one time, as plain data. Two samples are compared; see `activity.ts`. */
export type ProcessSample =
  | { readonly _tag: "Seen"; readonly at: number; readonly process: Seen }
  /** There is no such process any more, or another process has its number now. */
  | { readonly _tag: "Gone"; readonly at: number }
  /** We cannot look: there is no /proc, or we have no descriptor left. */
  | { readonly _tag: "Unknown"; readonly at: number }

/** All times are milliseconds. `at`, above, is of CLOCK_MONOTONIC. */
export interface Seen {
  /** One letter, for its first thread: R, S, D, T, t, Z or X; see proc_pid_stat(5). */
  readonly state: string
  readonly alive: boolean
  readonly threads: number
  /** CPU time of all its threads, to 10 ms. Source: utime and stime of `stat`. */
  readonly cpuMs: number
  /** How long its first thread was ready to run and waited for a CPU. Source: field 2 of `schedstat`. */
  readonly waitedMs: number | undefined
  /** Where in the kernel its first thread sleeps. Source: `wchan`; only for root, or for our own processes. */
  readonly waitsIn: string | undefined
  /** How long its cgroup was throttled by its CPU quota. Source: `throttled_usec` of `cpu.stat`, cgroup v2 only. */
  readonly throttledMs: number | undefined
}

/** Where /proc and the cgroups are mounted; for tests. */
export interface SampleOptions {
  readonly proc: string
  readonly cgroup: string
}
const MACHINE: SampleOptions = { proc: "/proc", cgroup: "/sys/fs/cgroup" }

const MICROS_PER_MS = 1e3

/** `startTime` (from the event `Spawned`; 0 if unknown) tells the process from a later one with the same pid. */
export function sample(pid: number, startTime: number, { proc, cgroup }: SampleOptions = MACHINE): ProcessSample {
  const at = monotonicMs()
  const folder = `${proc}/${pid}`
  const process = readStat(pid, proc)
  if (process === "missing") return { _tag: readProc(`${proc}/self/stat`) === "missing" ? "Unknown" : "Gone", at }
  if (process === "unknown") return { _tag: "Unknown", at }
  if (startTime > 0 && process.startTime !== startTime) return { _tag: "Gone", at }
  const { state, alive, threads, cpuMs } = process
  return {
    _tag: "Seen",
    at,
    process: {
      ...{ state, alive, threads, cpuMs },
      waitedMs: queuedMs(pid, proc),
      waitsIn: /^[a-z_]\w*/i.exec(textOf(readProc(`${folder}/wchan`)))?.[0],
      throttledMs: throttledMs(folder, cgroup)
    }
  }
}

function throttledMs(folder: string, cgroups: string): number | undefined {
  const path = /^0::(\/.*)$/m.exec(readProc(`${folder}/cgroup`))?.[1]
  const micros = path === undefined ? undefined : /^throttled_usec (\d+)$/m.exec(readProc(`${cgroups}${path}/cpu.stat`))?.[1]
  return micros === undefined ? undefined : Number(micros) / MICROS_PER_MS
}

/** An empty text where the file could not be read. */
const textOf = (text: string): string => (text === "missing" || text === "unknown" ? "" : text)
