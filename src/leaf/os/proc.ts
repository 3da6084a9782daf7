/**
 * What /proc says of one process. Linux only: elsewhere, and in folders that are not there, nothing is known. Nothing
 * here throws.
 */
import { readFileSync } from "node:fs"

/** What /proc counts processor time in. USER_HZ is 100 on every machine that Node runs on. */
export const TICK_MS = 10
const NANOS_PER_MS = 1e6

/** One line of /proc/<pid>/stat, as far as it matters here; see proc_pid_stat(5). */
interface Stat {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** The process group in the foreground of its terminal; -1 without a terminal. */
  readonly foreground: number
  /**
   * Of its first thread: R runs or could, S sleeps, D sleeps and no signal wakes it, T stopped, t stopped by a
   * debugger, Z has ended.
   */
  readonly state: string
  readonly alive: boolean
  /** What all its threads have used of the CPU in user and kernel mode, to a tick; children do not count. */
  readonly cpuMs: number
  readonly threads: number
  /** Clock ticks since boot: with the pid it names the process. */
  readonly startTime: number
}

/** Undefined where the text is not a stat line. */
export function parseStat(text: string): Stat | undefined {
  // The second field is the name in parentheses, which may itself hold spaces, newlines and parentheses.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  const stat = {
    pid: Number.parseInt(text, 10),
    parent: Number(fields[1]),
    group: Number(fields[2]),
    foreground: Number(fields[5]),
    state: fields[0] ?? "",
    // A process whose first thread has ended shows as a zombie while its other threads work on.
    alive: !/^[ZXx]/.test(fields[0] ?? "") || Number(fields[17]) > 1,
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    threads: Number(fields[17]),
    startTime: Number(fields[19])
  }
  return Number.isNaN(stat.pid + stat.group + stat.startTime) ? undefined : stat
}

/**
 * `"missing"` where there is no such process; `"unknown"` where we cannot look, for instance because there is no
 * descriptor left.
 */
export function readStat(pid: number | string, proc = "/proc"): Stat | "missing" | "unknown" {
  const text = readProc(`${proc}/${pid}/stat`)
  return text === "missing" || text === "unknown" ? text : (parseStat(text) ?? "unknown")
}

/**
 * How long the first thread of a process could have run and had to wait for a CPU, since it began; in milliseconds.
 * Undefined where the kernel does not say, or there is no such process. Source: field 2 of `schedstat`.
 */
export function queuedMs(pid: number, proc = "/proc"): number | undefined {
  const waited = /^\d+ (\d+)/.exec(readProc(`${proc}/${pid}/schedstat`))?.[1]
  return waited === undefined ? undefined : Number(waited) / NANOS_PER_MS
}

/** Neither of the two words it answers instead looks like what these files hold. */
export function readProc(path: string): string {
  try {
    return readFileSync(path, "latin1")
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === "ENOENT" || code === "ESRCH" ? "missing" : "unknown"
  }
}
