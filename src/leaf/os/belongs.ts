/** Is a process one of a worker's? */
import { readFileSync } from "node:fs"
import { parseStat } from "../node/ProcessGroup.ts"

/** It leads its process group, or is a member: `npm start` is not who does the work. Where there is no /proc, only itself is known. */
export function belongs(pid: number, leader: number, proc = "/proc"): boolean {
  if (pid === leader) return true
  try {
    return parseStat(readFileSync(`${proc}/${pid}/stat`, "latin1"))?.group === leader
  } catch {
    return false
  }
}
