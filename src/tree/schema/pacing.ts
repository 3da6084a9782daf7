/** The schemas of a group's breaker and of a tree's start gate. */
import * as Schema from "effect/Schema"
import type { BreakerSpec, Breaker as BreakerType, StartGateSpec, StartGate as StartGateType } from "../Pacing.ts"
import { expectation } from "../problems/expectation.ts"
import { longerThanZero, Millis, Ratio, whole, withDefault } from "./fields.ts"

export const Breaker: Schema.Codec<BreakerType, BreakerSpec> = Schema.Struct({
  failures: whole(2, "any", "a number of children").pipe(withDefault(5)),
  share: Ratio.pipe(withDefault(0.5)),
  within: longerThanZero("10 seconds").pipe(withDefault(10_000)),
  probeEvery: longerThanZero("5 seconds").pipe(withDefault(5_000)),
  stable: Millis.pipe(withDefault(2_000)),
  release: Millis.pipe(withDefault(5_000)),
  giveUpAfter: longerThanZero("1 minute").pipe(withDefault(60_000))
}).annotate(
  expectation("breaker()", (found) => {
    if (found === true) return "breaker()"
    return typeof found === "number" && Number.isInteger(found) && found >= 2 ? `breaker({ failures: ${found} })` : undefined
  })
)

const rate = Schema.Finite.check(
  Schema.isBetween({ minimum: 0.001, maximum: 1e6 }, expectation("a number of starts per second, more than 0"))
)
const isRate = Schema.is(rate)

/** More than any machine can run: no limit. */
const ANY_NUMBER = 1_000_000

export const StartGate: Schema.Codec<StartGateType, StartGateSpec> = Schema.Struct({
  rate: rate.pipe(withDefault(10)),
  burst: whole(1, ANY_NUMBER, "a number of starts").pipe(withDefault(10)),
  starting: whole(1, ANY_NUMBER, "a number of processes").pipe(withDefault(ANY_NUMBER))
}).annotate(expectation("{ rate: 10, burst: 20 }", (found) => (isRate(found) ? `{ rate: ${found} }` : undefined)))
