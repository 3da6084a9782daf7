/** Reads how short of CPU and memory the machine is: the kernel's pressure stall information. */
import { readFileSync } from "node:fs"

/**
 * Per cent, 0 to 100, of the last ten seconds in which at least one task waited for the resource (`some avg10`).
 * Undefined where the kernel does not report it: before Linux 4.20, with `psi=0`, and on other systems.
 */
interface Pressure {
  readonly cpu: number | undefined
  readonly memory: number | undefined
}

/** `proc` is for tests. */
export function pressure(proc = "/proc"): Pressure {
  return { cpu: averageIn(`${proc}/pressure/cpu`), memory: averageIn(`${proc}/pressure/memory`) }
}

function averageIn(path: string): number | undefined {
  try {
    const avg10 = /^some avg10=(\d+(?:\.\d+)?)/m.exec(readFileSync(path, "latin1"))?.[1]
    return avg10 === undefined ? undefined : Math.min(100, Number(avg10))
  } catch {
    return undefined
  }
}
