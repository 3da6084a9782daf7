/** Times as a person gives them to `--since`. */
import { parseDuration } from "../../tree/duration.ts"

const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/
const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/

/**
 * A duration ago, a time of today, or a date with or without a time; in local time unless it says otherwise. In the
 * form of log entries; undefined if it is none of these. `now`: milliseconds since 1970.
 */
export function sinceTime(text: string, now: number): string | undefined {
  const ago = parseDuration(text)
  if (ago !== undefined) return asEntry(now - ago)
  const [, hours, minutes, seconds = "0"] = CLOCK.exec(text) ?? []
  if (hours !== undefined) {
    const isTime = Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60
    return isTime ? asEntry(new Date(now).setHours(Number(hours), Number(minutes), Number(seconds), 0)) : undefined
  }
  if (!DATE.test(text)) return undefined
  // JavaScript reads a date alone as UTC.
  return asEntry(Date.parse(/^.{10}$/.test(text) ? `${text}T00:00` : text.replace(" ", "T")))
}

const FIRST = Date.UTC(1970)
const LAST = Date.UTC(9999, 11, 31)

function asEntry(at: number): string | undefined {
  if (Number.isNaN(at)) return undefined
  return new Date(Math.min(LAST, Math.max(FIRST, at))).toISOString().replace("Z", "000000Z")
}
