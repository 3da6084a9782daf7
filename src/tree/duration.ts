/** Durations as people write them, `"5 seconds"` or `"250ms"`, and as the runtime counts them: whole milliseconds. */
import type { Duration } from "./Units.ts"

const units = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000, milli: 1 } as const
type Unit = keyof typeof units
const short: { readonly [short: string]: Unit } = { d: "day", h: "hour", m: "minute", s: "second", ms: "milli" }

/** Only numbers a person would write: digits and a decimal point; no sign, no exponent. (No named groups: this is also the JSON Schema.) */
export const durationPattern = /^(\d+(?:\.\d+)?|\.\d+) ?(ms|millis?|s|seconds?|m|minutes?|h|hours?|d|days?)$/u

/** Anything longer is a mistake in the unit; `"infinity"` is there for those who mean it. */
export const longestDuration = 3650 * units.day

/**
 * The milliseconds of a duration, or undefined if the text is none. Timers have no finer grain than a millisecond, so it is rounded to
 * whole ones; but what is not zero does not become zero.
 */
export const parseDuration = (text: string): number | undefined => {
  const match = durationPattern.exec(text)
  if (match === null) return undefined
  const [, count = "", name = ""] = match
  const exact = Number(count) * units[short[name] ?? (name.replace(/s$/, "") as Unit)]
  return exact === 0 ? 0 : Math.max(1, Math.round(exact))
}

/** The shortest exact way to say it in full words: 90000 is `"90 seconds"`, 60000 is `"1 minute"`. */
export const printDuration = (millis: number): Duration => {
  const names = Object.keys(units) as ReadonlyArray<Unit>
  const name = millis === 0 ? "second" : (names.find((unit) => millis % units[unit] === 0) ?? "milli")
  const count = millis / units[name]
  return `${count} ${count === 1 ? name : (`${name}s` as const)}` as Duration
}
