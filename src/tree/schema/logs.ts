/** The schema of `logs`. */
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { LOGS } from "../defaults.ts"
import { expectation } from "../problems/expectation.ts"
import type * as Spec from "../Spec.ts"
import { printSize } from "../size.ts"
import type { Size } from "../Units.ts"
import { longerThanZero, whole, withDefault, words } from "./fields.ts"
import { Bytes } from "./sizes.ts"

/** Smaller files would hold only a few lines, or none. */
const SMALLEST_FILE = 4 * 1024
/** The keeper counts no more files of one worker. */
const MOST_FILES = 1_000

const FileSize: Schema.Codec<number, Size> = Bytes.check(
  Schema.isGreaterThanOrEqualTo(
    SMALLEST_FILE,
    expectation(
      (found) => (found === undefined ? 'a size such as "10 MiB"' : `a size of at least "${printSize(SMALLEST_FILE)}"`),
      () => JSON.stringify(printSize(SMALLEST_FILE))
    )
  )
)

const Files = Schema.Struct({
  size: FileSize.pipe(withDefault(LOGS.size)),
  keep: whole(2, MOST_FILES, "a number of files").pipe(withDefault(LOGS.keep)),
  total: Schema.optionalKey(FileSize),
  maxAge: Schema.optionalKey(longerThanZero("1 day")),
  whenFull: words(["block", "drop"], { wait: "block", discard: "drop", "non-blocking": "drop" }).pipe(
    withDefault<Spec.WhenFull>(LOGS.whenFull)
  ),
  compress: Schema.Boolean.annotate(expectation("true or false")).pipe(withDefault(LOGS.compress))
})

const logsMeant = (found: unknown): string | undefined => {
  if (/^(true|yes|on|file|json-file)$/i.test(String(found))) return "true"
  return /^(false|no|off|none|null)$/i.test(String(found)) ? "false" : undefined
}

/** `true` stands for all defaults. */
export const Logs: Schema.Codec<false | Spec.Logs, boolean | Spec.LogsSpec> = Schema.Union([Schema.Boolean, Files])
  .annotate(expectation('true, false or { size: "10 MiB", keep: 5 }', logsMeant))
  .pipe(
    Schema.decodeTo(Schema.Union([Schema.Literal(false), Schema.toType(Files)]), {
      decode: SchemaGetter.transform((logs) => (logs === true ? LOGS : logs)),
      encode: SchemaGetter.transform((logs: false | Spec.Logs) => logs)
    })
  )
