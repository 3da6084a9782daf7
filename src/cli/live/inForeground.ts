/**
 * Whether we may draw on the terminal. A background job (`supervise tree.ts &`, or Ctrl-Z and `bg`) shares it with the
 * shell.
 */
import { readFileSync } from "node:fs"

/** True where there is no job control (not Linux, or no controlling terminal): then nothing else draws. */
export function inForeground(): boolean {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1")
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return foreground === "-1" || foreground === group
  } catch {
    return true
  }
}
