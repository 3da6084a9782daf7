/** Reads how short of CPU and memory the machine is: the kernel's pressure stall information. */
import { readFileSync } from "node:fs"

/**
 * The share, 0 to 1, of the last ten seconds in which at least one task waited for CPU or for memory (`some avg10`),
 * whichever is larger. 0 where the kernel does not report it: before Linux 4.20, with `psi=0`, and on other systems.
 * `proc` is for tests.
 */
export const pressure = (proc = "/proc"): number => Math.max(averageIn(`${proc}/pressure/cpu`), averageIn(`${proc}/pressure/memory`)) / 100

function averageIn(path: string): number {
  try {
    return Math.min(100, Number(/^some avg10=(\d+(?:\.\d+)?)/m.exec(readFileSync(path, "latin1"))?.[1] ?? 0))
  } catch {
    return 0
  }
}
