/** Is the terminal ours to draw on? A job in the background (`supervise tree.ts &`, or Ctrl-Z and `bg`) shares it with the shell. */
import { readStat } from "../../leaf/os/proc.ts"

/** Where no job control is known (not Linux, or a terminal that controls nobody), nobody else draws. */
export function inForeground(): boolean {
  const stat = readStat("self")
  return typeof stat === "string" || stat.foreground === -1 || stat.foreground === stat.group
}
