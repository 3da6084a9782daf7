import { expect, it } from "vitest"
import { sinceTime } from "../../src/cli/logs/sinceTime.ts"

const now = new Date(2026, 10, 27, 14, 3, 59, 500).getTime()
/** In local time. */
const local = (month: number, day: number, hours = 0, minutes = 0, seconds = 0, ms = 0) =>
  new Date(2026, month, day, hours, minutes, seconds, ms).toISOString().replace("Z", "000000Z")

it.each([
  ["10m", local(10, 27, 13, 53, 59, 500)],
  ["14:03", local(10, 27, 14, 3)],
  ["9:00:07", local(10, 27, 9, 0, 7)],
  ["2026-11-26", local(10, 26)],
  ["2026-11-26 08:30", local(10, 26, 8, 30)],
  ["2026-11-26T08:30:15.123456789Z", "2026-11-26T08:30:15.123000000Z"],
  ["2026-11-26T08:30:15+02:00", "2026-11-26T06:30:15.000000000Z"]
])("%s is a time", (text, time) => {
  expect(sinceTime(text, now)).toBe(time)
})

it.each(["", "x", "10", "25:00", "14:60", "2026-13-01", "2026-11-26T99:00", "yesterday", "-5m"])("%j is none", (text) => {
  expect(sinceTime(text, now)).toBeUndefined()
})
