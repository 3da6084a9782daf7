/** Reads durations as people write them, `"5 seconds"` or `"250ms"`, into whole milliseconds, and writes them. */
import type { Duration } from "./Units.ts"

const units = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000, milli: 1 } as const
type Unit = keyof typeof units
const short: { readonly [short: string]: Unit } = { d: "day", h: "hour", m: "minute", s: "second", ms: "milli" }

/**
 * Only numbers that a person would write: digits and a decimal point, no sign, no exponent. (No named groups, as this
 * is also the JSON Schema.)
 */
export const durationPattern = /^(\d+(?:\.\d+)?|\.\d+) ?(ms|millis?|s|seconds?|m|minutes?|h|hours?|d|days?)$/u

/** Anything longer is surely a mistake in the unit. `"infinity"` means for ever. */
export const longestDuration = 3650 * units.day

/**
 * The milliseconds of a duration, or undefined if the text is none. Rounded to whole milliseconds, the resolution of
 * timers; but a positive duration never becomes zero.
 */
export const parseDuration = (text: string): number | undefined => {
  const match = durationPattern.exec(text)
  if (match === null) return undefined
  const [, count = "", name = ""] = match
  const exact = Number(count) * units[short[name] ?? (name.replace(/s$/, "") as Unit)]
  return exact === 0 ? 0 : Math.max(1, Math.round(exact))
}

/**
 * In the largest unit of which it is a whole number, and in full words: 90000 is `"90 seconds"`, 60000 is `"1 minute"`.
 */
export const printDuration = (millis: number): Duration => {
  const names = Object.keys(units) as ReadonlyArray<Unit>
  const name = millis === 0 ? "second" : (names.find((unit) => millis % units[unit] === 0) ?? "milli")
  const count = millis / units[name]
  return `${count} ${count === 1 ? name : (`${name}s` as const)}` as Duration
}

/** Short, and as exact as a person needs: `850ms`, `1.5s`, `12s`, `3m 20s`, `2h 5m`, `3d 4h`. */
export const sayDuration = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)}ms`
  if (ms < 10_000) return `${Math.round(ms / 100) / 10}s`
  const [large, small] = inTwoUnits(Math.round(ms / 1000))
  return small === "" || small.startsWith("0") ? large : `${large} ${small}`
}

/**
 * The same for a running counter, as in a table: `0s`, `12s`, `3m 20s`, `2h 05m`, `3d 04h`. Rounded down, and with as
 * few different widths as possible.
 */
export const sayElapsed = (ms: number): string => {
  const [large, small] = inTwoUnits(Math.max(0, Math.floor(ms / 1000)))
  return small === "" ? large : `${large} ${small.padStart(3, "0")}`
}

const inTwoUnits = (seconds: number): readonly [large: string, small: string] => {
  if (seconds < 60) return [`${seconds}s`, ""]
  if (seconds < 3600) return [`${Math.floor(seconds / 60)}m`, `${seconds % 60}s`]
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1440) return [`${Math.floor(minutes / 60)}h`, `${minutes % 60}m`]
  return [`${Math.floor(minutes / 1440)}d`, `${Math.floor(minutes / 60) % 24}h`]
}
