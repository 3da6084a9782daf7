/**
 * Whether we may draw on the terminal. A background job (`supervise tree.ts &`, or Ctrl-Z and `bg`) shares it with the
 * shell.
 */
import { readStat } from "../../leaf/os/proc.ts"

/** True where there is no job control (not Linux, or no controlling terminal): then nothing else draws. */
export function inForeground(): boolean {
  const stat = readStat("self")
  return typeof stat === "string" || stat.foreground === -1 || stat.foreground === stat.group
}
