/**
 * Reads sizes as people write them, `"512 MiB"` or `"1GB"`, into whole bytes, and writes them. (`effect/ByteSize`
 * differs: it accepts `kB` but not `KB`, refuses `".5 GB"`, and `"1.1 GiB"` as it is no whole number of bytes; and it
 * prints rounded.)
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

/** Only numbers that a person would write. (No named groups, as this is also the JSON Schema.) */
export const sizePattern = /^(\d+(?:\.\d+)?|\.\d+) ?([KMGT]i?B|B)$/u

/** Anything larger is surely a mistake in the unit. */
export const largestSize = 1024 * units.TiB

/**
 * The bytes of a size, or undefined if the text is none. Rounded to whole bytes; but a positive size never becomes
 * zero.
 */
export const parseSize = (text: string): number | undefined => {
  const match = sizePattern.exec(text)
  if (match === null) return undefined
  const exact = Number(match[1]) * units[match[2] as SizeUnit]
  return exact === 0 ? 0 : Math.max(1, Math.round(exact))
}

/** The shortest exact form: 536870912 is `"512 MiB"`, 1000000000 is `"1 GB"`. */
export const printSize = (bytes: number): Size => {
  const names = Object.keys(units) as ReadonlyArray<SizeUnit>
  const name = bytes === 0 ? "B" : names.find((unit) => bytes % units[unit] === 0)!
  return `${bytes / units[name]} ${name}` as Size
}
