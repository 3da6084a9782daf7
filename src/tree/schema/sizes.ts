/** The schema of sizes. */
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { expectation } from "../problems/expectation.ts"
import { largestSize, parseSize, printSize, sizePattern } from "../size.ts"
import type { Size } from "../Units.ts"

const sizeExpected = 'a size such as "512 MiB"'
/** Docker and Kubernetes write `512m`, `512Mi` or `512M`. A lower-case `m` means MiB, there and here. */
const sizeMeant = (found: unknown): string | undefined => {
  if (typeof found === "number") return Number.isSafeInteger(found) && found >= 0 ? JSON.stringify(printSize(found)) : undefined
  const [, count, letter = "", i] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*$/i.exec(String(found)) ?? []
  if (count === undefined) return undefined
  const binary = i !== "" || letter === letter.toLowerCase()
  const unit = letter === "" ? "B" : `${letter.toUpperCase()}${binary ? "i" : ""}B`
  return JSON.stringify(`${count} ${unit}`)
}
const sizeHint = expectation(sizeExpected, sizeMeant)
const inBytes = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: largestSize }, expectation('a size from "1 B" to "1024 TiB"')))
/** A size: text when written, bytes when decoded. */
export const Bytes: Schema.Codec<number, Size> = (
  Schema.String.check(Schema.isPattern(sizePattern, sizeHint)).annotate({
    description: 'A size: "512 MiB", "1 GB", "64KiB"'
  }) as Schema.Codec<Size>
).pipe(
  Schema.decodeTo(inBytes, {
    // The cap keeps a far too large size a whole number, so that it is reported only once.
    decode: SchemaGetter.transform((text: Size) => Math.min(parseSize(text) ?? 0, largestSize + 1)),
    encode: SchemaGetter.transform(printSize)
  })
)
