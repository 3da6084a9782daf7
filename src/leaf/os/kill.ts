/** The one place from which signals go out. */
import type { Signal } from "../../tree/Spec.ts"

export type Signalled =
  | "sent"
  /** There is no such process or group, or the number names none. */
  | "gone"
  /** It is there, and not ours to signal. */
  | "forbidden"

/** Sends a signal to a process, or to its group. 0 only asks whether there is one. */
export type Kill = (pid: number, to: "leader" | "group", signal: Signal | "SIGCONT" | 0) => Signalled

/** 0 is our own group, −1 every process there is, and 1 is init: none of them is ever a leaf. */
const LOWEST_PID = 2

/**
 * Never throws, and never signals what cannot be a leaf: a failed spawn has no pid, and a stored −1 or undefined with a stop on top
 * becomes kill(−1), which reaches every process of the machine.
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
