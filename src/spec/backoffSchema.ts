/** The schema of `backoff`: three kinds, told apart by `type`. */
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { Millis, Ratio, withDefault } from "./fields.ts"
import { hint } from "./hint.ts"
import type { BackoffSpec, Backoff as BackoffType } from "./Spec.ts"

const common = { jitter: Ratio.pipe(withDefault(0.2)), forgetAfter: Millis.pipe(withDefault(30_000)) }
const initial = Millis.pipe(withDefault(100))
const cap = Millis.pipe(withDefault(30_000))
const factor = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1, hint("a number, 1 or more"))).pipe(withDefault(2))

const Constant = Schema.Struct({ type: Schema.Literal("constant"), delay: Millis, ...common })
const Exponential = Schema.Struct({ type: Schema.Literal("exponential"), initial, factor, cap, ...common })

const linear = { type: Schema.Literal("linear"), initial, cap, ...common }
/** Without a `step`, each delay is longer by the first one. */
const Linear = Schema.Struct({ ...linear, step: Schema.optionalKey(Millis) }).pipe(
  Schema.decodeTo(Schema.toType(Schema.Struct({ ...linear, step: Millis })), {
    decode: SchemaGetter.transform((backoff) => ({ ...backoff, step: backoff.step ?? backoff.initial })),
    encode: SchemaGetter.passthrough()
  })
)

const names = ["constant", "linear", "exponential"]

export const Backoff: Schema.Codec<BackoffType, BackoffSpec> = Schema.Union([Constant, Linear, Exponential]).annotate(
  hint('constant({ delay: "1 second" }), linear() or exponential()', (found) =>
    names.includes(String(found)) ? (found === "constant" ? 'constant({ delay: "1 second" })' : `${found}()`) : undefined
  )
)

export const defaultBackoff: BackoffType = Schema.decodeSync(Exponential)({ type: "exponential" })
