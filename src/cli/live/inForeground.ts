/** Is the terminal ours to draw on? A job in the background (`supervise tree.ts &`, or Ctrl-Z and `bg`) shares it with the shell. */
import { readFileSync } from "node:fs"

/** Where no job control is known (not Linux, or a terminal that controls nobody), nobody else draws. */
export function inForeground(): boolean {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1")
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return foreground === "-1" || foreground === group
  } catch {
    return true
  }
}
