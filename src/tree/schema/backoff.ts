/** The schema of `backoff`: four kinds, told apart by `type`. */
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { ADAPTIVE } from "../defaults.ts"
import type { BackoffSpec, Backoff as BackoffType } from "../Pacing.ts"
import { expectation } from "../problems/expectation.ts"
import { Millis, Period, Ratio, withDefault } from "./fields.ts"

const common = { jitter: Ratio.pipe(withDefault(0.2)), forgetAfter: Millis.pipe(withDefault(30_000)) }
const initial = Millis.pipe(withDefault(100))
const cap = Millis.pipe(withDefault(30_000))
const factor = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1, expectation("a number, 1 or more"))).pipe(withDefault(2))

const Constant = Schema.Struct({ type: Schema.Literal("constant"), delay: Millis, ...common })
const Exponential = Schema.Struct({ type: Schema.Literal("exponential"), initial, factor, cap, ...common })

const linear = { type: Schema.Literal("linear"), initial, cap, ...common }
/** Without `step`, each delay grows by `initial`. */
const Linear = Schema.Struct({ ...linear, step: Schema.optionalKey(Millis) }).pipe(
  Schema.decodeTo(Schema.toType(Schema.Struct({ ...linear, step: Millis })), {
    decode: SchemaGetter.transform((backoff) => ({ ...backoff, step: backoff.step ?? backoff.initial })),
    encode: SchemaGetter.passthrough()
  })
)

/** Below 1 the waits would shrink; with exactly 1 no score gives the longest wait. */
const growth = Schema.Finite.check(Schema.isBetween({ minimum: 1.01, maximum: 100 }, expectation("a number from 1.01 to 100")))
const positive = (what: string) => Schema.Finite.check(Schema.isBetween({ minimum: 0.001, maximum: 1e6 }, expectation(what)))

const Adaptive = Schema.Struct({
  type: Schema.Literal("adaptive"),
  min: Period.pipe(withDefault(ADAPTIVE.min)),
  max: Period.pipe(withDefault(ADAPTIVE.max)),
  factor: growth.pipe(withDefault(2)),
  halfLife: Period.pipe(withDefault(30_000)),
  jitter: Ratio.pipe(withDefault(0.5)),
  pressure: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 }, expectation("a number from 0 to 100"))).pipe(withDefault(1)),
  startRate: positive("a number of starts per second, more than 0").pipe(withDefault(10))
})

const names = ["constant", "linear", "exponential", "adaptive"]

export const Backoff: Schema.Codec<BackoffType, BackoffSpec> = Schema.Union([Constant, Linear, Exponential, Adaptive]).annotate(
  expectation('constant({ delay: "1 second" }), linear(), exponential() or adaptive()', (found) =>
    names.includes(String(found)) ? (found === "constant" ? 'constant({ delay: "1 second" })' : `${found}()`) : undefined
  )
)

export const defaultBackoff: BackoffType = Schema.decodeSync(Exponential)({ type: "exponential" })
