/** Times in the options of a rehearsal: durations as in a tree, or numbers of milliseconds. */
import { longestDuration, parseDuration } from "../tree/duration.ts"
import type { Duration } from "../tree/Units.ts"
import { BadRehearsal } from "./BadRehearsal.ts"

/** `"5 minutes"`, `"250ms"`, or a number of milliseconds. */
export type Time = Duration | number

/** Whole milliseconds. `what` names the time in the message. Throws `BadRehearsal`. */
export function millis(time: Time, what: string): number {
  const ms = typeof time === "number" ? Math.round(time) : parseDuration(time)
  if (ms !== undefined && ms >= 0 && ms <= longestDuration) return ms
  const found = typeof time === "number" ? String(time) : JSON.stringify(time)
  throw new BadRehearsal({ because: `${what} is ${found}, and should be a duration such as "30s", of at most ten years.` })
}
