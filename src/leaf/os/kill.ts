/** Sends signals. Nothing else in this program does. */
import type { Signal } from "../../tree/Spec.ts"

export type Signalled =
  | "sent"
  /** There is no such process or group, or the number cannot be one. */
  | "gone"
  /** It exists, and we may not signal it. */
  | "forbidden"

/** Sends a signal to a process, or to its group. Signal 0 only checks whether it exists. */
export type Kill = (pid: number, to: "leader" | "group", signal: Signal | "SIGCONT" | 0) => Signalled

/** 0 is our own group, −1 is every process, and 1 is init. None of them is ever a leaf. */
const LOWEST_PID = 2

/**
 * Never throws, and never signals what cannot be a leaf. A failed spawn has no pid: passed on as −1 or undefined, it
 * would become kill(−1), which reaches every process of the machine.
 */
export const kill: Kill = (pid, to, signal) => {
  if (!Number.isSafeInteger(pid) || pid < LOWEST_PID || pid === process.pid) return "gone"
  try {
    process.kill(to === "group" ? -pid : pid, signal)
    return "sent"
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? "forbidden" : "gone"
  }
}
