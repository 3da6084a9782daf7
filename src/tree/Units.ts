/** Quantities as people write them: a number and its unit in one string, so that no unit has to be guessed. */

/** `"5 seconds"`, `"250 millis"`, or short: `"5s"`, `"250ms"`. */
export type Duration = `${number} ${LongUnit}` | `${number}${ShortUnit}`
/** As in `"5 seconds"`. */
export type LongUnit = "milli" | "millis" | "second" | "seconds" | "minute" | "minutes" | "hour" | "hours" | "day" | "days"
/** As in `"5s"`. */
export type ShortUnit = "ms" | "s" | "m" | "h" | "d"

/** `"512 MiB"`, `"1 GB"`, or without the space. KiB, MiB … are powers of 1024; KB, MB … of 1000. */
export type Size = `${number} ${SizeUnit}` | `${number}${SizeUnit}`
/** As in `"512 MiB"`. */
export type SizeUnit = "B" | "KB" | "KiB" | "MB" | "MiB" | "GB" | "GiB" | "TB" | "TiB"
