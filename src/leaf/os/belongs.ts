/** Is a process one of a worker's? */
import { readStat } from "./proc.ts"

/** It leads its process group, or is a member: `npm start` is not who does the work. Where there is no /proc, only itself is known. */
export function belongs(pid: number, leader: number, proc = "/proc"): boolean {
  if (pid === leader) return true
  const stat = readStat(pid, proc)
  return typeof stat !== "string" && stat.group === leader
}
