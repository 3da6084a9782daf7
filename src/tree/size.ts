/**
 * Reads sizes as people write them, `"512 MiB"` or `"1GB"`, into whole bytes, and writes them.
 * (`effect/ByteSize` would not do: it reads `kB` but not `KB`, refuses `".5 GB"` and every size that is not a whole
 * number of bytes, such as `"1.1 GiB"`, and rounds what it writes.)
 */
import type { Size, SizeUnit } from "./Units.ts"

/** From the largest to the smallest. */
const units = {
  TiB: 1024 ** 4,
  TB: 1000 ** 4,
  GiB: 1024 ** 3,
  GB: 1000 ** 3,
  MiB: 1024 ** 2,
  MB: 1000 ** 2,
  KiB: 1024,
  KB: 1000,
  B: 1
} as const satisfies Record<SizeUnit, number>

/**
 * A number as a person writes it, without sign or exponent, and a unit. (It has no named groups, as it is also a
 * pattern in the JSON Schema.)
 */
export const sizePattern = /^(\d+(?:\.\d+)?|\.\d+) ?([KMGT]i?B|B)$/u

/** Anything larger is surely a mistake in the unit. */
export const largestSize = 1024 * units.TiB

/**
 * How many bytes it is, or undefined if the text is not a size. Rounded to whole bytes, but a positive size is never
 * rounded to zero.
 */
export const parseSize = (text: string): number | undefined => {
  const match = sizePattern.exec(text)
  if (match === null) return undefined
  const exact = Number(match[1]) * units[match[2] as SizeUnit]
  return exact === 0 ? 0 : Math.max(1, Math.round(exact))
}

/** In the largest unit of which it is a whole number: 536870912 is `"512 MiB"`, 1000000000 is `"1 GB"`. */
export const printSize = (bytes: number): Size => {
  const names = Object.keys(units) as ReadonlyArray<SizeUnit>
  const name = bytes === 0 ? "B" : names.find((unit) => bytes % units[unit] === 0)!
  return `${bytes / units[name]} ${name}` as Size
}
