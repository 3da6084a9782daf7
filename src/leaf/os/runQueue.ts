/** How long a process could have run and had to wait for a CPU: what of its silence is the machine's fault. */
import { readFileSync } from "node:fs"

const NANOS_PER_MS = 1e6

/**
 * Of its first thread, since it began; in milliseconds. Undefined where the kernel does not say, or there is no such process. (Linux:
 * field 2 of /proc/<pid>/schedstat)
 */
export function queuedMs(pid: number, proc = "/proc"): number | undefined {
  try {
    const [, waited] = readFileSync(`${proc}/${pid}/schedstat`, "latin1").split(" ")
    return waited === undefined ? undefined : Number(waited) / NANOS_PER_MS
  } catch {
    return undefined
  }
}
