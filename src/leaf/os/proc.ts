/**
 * Reads what /proc knows about a process. Linux only: elsewhere the answer is always "missing" or undefined. Nothing
 * here throws.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs"

/** The unit of CPU time in /proc. USER_HZ is 100 on every machine that Node runs on. */
export const TICK_MS = 10
const NANOS_PER_MS = 1e6

/** The fields of /proc/<pid>/stat that we use; see proc_pid_stat(5). */
interface Stat {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** The foreground process group of its terminal; −1 without a terminal. */
  readonly foreground: number
  /**
   * Of its first thread: R runs or could run, S sleeps, D sleeps and cannot be interrupted, T is stopped, t is stopped
   * by a debugger, Z has ended.
   */
  readonly state: string
  readonly alive: boolean
  /** CPU time of all its threads, user and kernel, to a tick. Without its children. */
  readonly cpuMs: number
  readonly threads: number
  /** Clock ticks since boot. Together with the pid it identifies the process. */
  readonly startTime: number
}

/** Undefined if the text is not a stat line. */
export function parseStat(text: string): Stat | undefined {
  // The second field is the name in parentheses, which may itself contain spaces, newlines and parentheses.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  const stat = {
    pid: Number.parseInt(text, 10),
    parent: Number(fields[1]),
    group: Number(fields[2]),
    foreground: Number(fields[5]),
    state: fields[0] ?? "",
    // A process whose first thread has ended shows as a zombie while its other threads keep running.
    alive: !/^[ZXx]/.test(fields[0] ?? "") || Number(fields[17]) > 1,
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    threads: Number(fields[17]),
    startTime: Number(fields[19])
  }
  return Number.isNaN(stat.pid + stat.group + stat.startTime) ? undefined : stat
}

/**
 * `"missing"`: there is no such process. `"unknown"`: we cannot read it, for example because we have no descriptor
 * left.
 */
export function readStat(pid: number | string, proc = "/proc"): Stat | "missing" | "unknown" {
  const text = readProc(`${proc}/${pid}/stat`)
  return text === "missing" || text === "unknown" ? text : (parseStat(text) ?? "unknown")
}

/**
 * How long the first thread of a process was ready to run and waited for a CPU, since it began, in milliseconds.
 * Undefined if the kernel does not say or there is no such process. Source: field 2 of `schedstat`.
 */
export function queuedMs(pid: number, proc = "/proc"): number | undefined {
  const waited = /^\d+ (\d+)/.exec(readProc(`${proc}/${pid}/schedstat`))?.[1]
  return waited === undefined ? undefined : Number(waited) / NANOS_PER_MS
}

/** The text of the file, or one of two words that no file in /proc consists of. */
export function readProc(path: string): string {
  try {
    return readFileSync(path, "latin1")
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === "ENOENT" || code === "ESRCH" ? "missing" : "unknown"
  }
}

/** The pids of all processes. None where there is no /proc; undefined if it cannot be read now. */
export function listProcesses(proc = "/proc"): ReadonlyArray<number> | undefined {
  try {
    return readdirSync(proc).map(Number).filter(Number.isInteger)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? [] : undefined
  }
}

/** Those of our own user. */
export const ownProcesses = (): ReadonlyArray<number> =>
  (listProcesses() ?? []).filter((pid) => statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.geteuid?.())

/** The environment with which a process was started; empty if it has ended, or is not ours to read. */
export function environmentOf(pid: number, proc = "/proc"): ReadonlyMap<string, string> {
  const environment = readEnvironment(pid, proc)
  return typeof environment === "string" ? new Map() : environment
}

/**
 * The same, but says why there is none. `"unknown"`: it is empty, as that of a process that starts its program at this
 * moment, or it cannot be read now.
 */
export function readEnvironment(pid: number, proc = "/proc"): ReadonlyMap<string, string> | "missing" | "forbidden" | "unknown" {
  try {
    const text = readFileSync(`${proc}/${pid}/environ`, "utf8")
    if (text === "") return "unknown"
    return new Map(text.split("\0").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === "ENOENT" || code === "ESRCH" ? "missing" : code === "EACCES" || code === "EPERM" ? "forbidden" : "unknown"
  }
}

/** Where a link in /proc leads; empty if it cannot be read. */
export function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ""
  }
}

/**
 * Does the process `pid` lead the process group of `leader`, or belong to it? With `npm start`, for example, a child of
 * the leader does the work. Without /proc only the leader itself is recognised.
 */
export function isInGroupOf(leader: number, pid: number, proc = "/proc"): boolean {
  if (pid === leader) return true
  const stat = readStat(pid, proc)
  return typeof stat !== "string" && stat.group === leader
}
