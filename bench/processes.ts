/** The processes of a bench, from /proc: found by a variable in their environment. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs"

/** Every process of a bench has this in its environment, with the bench's folder. */
export const MARK = "SUPERVISE_BENCH"

export interface Marked {
  readonly pid: number
  /** The file it runs. */
  readonly program: string
}

/** The running processes: a zombie has no environment. */
export function marked(folder: string): ReadonlyArray<Marked> {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name)
    if (!Number.isSafeInteger(pid) || pid === process.pid) return []
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "latin1")
      return environment.split("\0").includes(`${MARK}=${folder}`) ? [{ pid, program: readlinkSync(`/proc/${pid}/exe`) }] : []
    } catch {
      return []
    }
  })
}

/**
 * The pid of a process as we know it, from the one by which it knows itself in a PID namespace of its own. Only
 * processes of this bench are considered.
 */
export const outside = (folder: string, inside: number): number | undefined =>
  marked(folder).find(({ pid }) => new RegExp(`^NSpid:\\t${pid}\\t${inside}$`, "m").test(statusOf(pid)))?.pid

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8")
  } catch {
    return ""
  }
}

/** SIGKILL to one process, never to more. */
export function kill(pid: number): void {
  try {
    if (Number.isSafeInteger(pid) && pid > 1 && pid !== process.pid) process.kill(pid, "SIGKILL")
  } catch {
    // It has already exited.
  }
}

/** Its share of memory in KiB: what several processes share is divided among them. */
export function proportionalKiB(pid: number): number {
  const [, kib] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))!
  return Number(kib)
}

/**
 * How long its threads have run, in nanoseconds. /proc/<pid>/stat has the same in hundredths of a second, which is too
 * coarse for idling.
 */
export function ranFor(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.reduce((sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]), 0)
}
