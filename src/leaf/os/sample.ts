/**
 * A look at a process from outside, on suspicion: what the kernel tells in /proc about why it may not be heard of.
 *
 * It is a handful of small reads, some 0.1 ms, synchronous, and of files that never wait for the process itself (others, its command line
 * for one, do). Each is left out where the machine does not have it; nothing here throws.
 */
import { monotonicMs } from "./monotonic.ts"
import { queuedMs, readProc, readStat } from "./proc.ts"

/** What was seen of one process at one time: plain data. Two of them are compared. */
export type ProcessSample =
  | { readonly _tag: "Seen"; readonly at: number; readonly process: Seen }
  /** There is no such process any more, or its number is another one's by now. */
  | { readonly _tag: "Gone"; readonly at: number }
  /** We cannot look: there is no /proc, or no descriptor left. */
  | { readonly _tag: "Unknown"; readonly at: number }

/** `at`, above, and all times are milliseconds; `at` of CLOCK_MONOTONIC. */
export interface Seen {
  /** One letter, of its first thread: R, S, D, T, t, Z or X; see proc_pid_stat(5). */
  readonly state: string
  readonly alive: boolean
  readonly threads: number
  /** What all its threads have used of the CPU, to 10 ms. Source: utime and stime of `stat`. */
  readonly cpuMs: number
  /** How long its first thread could have run and waited for a CPU. Source: field 2 of `schedstat`. */
  readonly waitedMs: number | undefined
  /** Where in the kernel its first thread sleeps. Source: `wchan`; root's, or our own processes only. */
  readonly waitsIn: string | undefined
  /** How long its control group was held back by its quota. Source: `throttled_usec` of `cpu.stat`, version 2 only. */
  readonly throttledMs: number | undefined
}

/** Where to look; for tests. */
export interface SampleOptions {
  readonly proc: string
  readonly cgroup: string
}
const MACHINE: SampleOptions = { proc: "/proc", cgroup: "/sys/fs/cgroup" }

const MICROS_PER_MS = 1e3

/** `startTime` (of `Spawned`) tells the process from a later one with its number; 0 where unknown. */
export function sample(pid: number, startTime: number, places: SampleOptions = MACHINE): ProcessSample {
  const at = monotonicMs()
  const folder = `${places.proc}/${pid}`
  const process = readStat(pid, places.proc)
  if (process === "missing") return { _tag: readProc(`${places.proc}/self/stat`) === "missing" ? "Unknown" : "Gone", at }
  if (process === "unknown") return { _tag: "Unknown", at }
  if (startTime > 0 && process.startTime !== startTime) return { _tag: "Gone", at }
  const { state, alive, threads, cpuMs } = process
  return {
    _tag: "Seen",
    at,
    process: {
      ...{ state, alive, threads, cpuMs },
      waitedMs: queuedMs(pid, places.proc),
      waitsIn: /^[a-z_]\w*/i.exec(known(readProc(`${folder}/wchan`)))?.[0],
      throttledMs: throttled(folder, places.cgroup)
    }
  }
}

function throttled(folder: string, cgroups: string): number | undefined {
  const path = /^0::(\/.*)$/m.exec(readProc(`${folder}/cgroup`))?.[1]
  const micros = path === undefined ? undefined : /^throttled_usec (\d+)$/m.exec(readProc(`${cgroups}${path}/cpu.stat`))?.[1]
  return micros === undefined ? undefined : Number(micros) / MICROS_PER_MS
}

/** Neither of the two words it answers instead looks like what these files hold. */
const known = (text: string): string => (text === "missing" || text === "unknown" ? "" : text)
