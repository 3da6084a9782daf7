/** The delay between an exit and the next start: tables, and laws for every policy. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { delayMs, jitterOf } from "../../../src/core/pacing/Backoff.ts"
import type { CountedBackoff as Backoff } from "../../../src/tree/Pacing.ts"

const exponential: Backoff = { type: "exponential", initial: 100, factor: 2, cap: 30_000, jitter: 0, forgetAfter: 30_000 }
const linear: Backoff = { type: "linear", initial: 100, step: 50, cap: 225, jitter: 0, forgetAfter: 30_000 }
const constant: Backoff = { type: "constant", delay: 700, jitter: 0, forgetAfter: 30_000 }
const attempts = (backoff: Backoff, ...at: ReadonlyArray<number>) => at.map((attempt) => delayMs(backoff, attempt, 0))

const policy = Schema.Struct({
  kind: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 })),
  initial: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60_000 })),
  factor: Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 100 })),
  extra: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 600_000 })),
  jitter: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })),
  attempt: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 })),
  draw: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 0.999_999 }))
})
type Policy = typeof policy.Type
const backoffOf = ({ kind, initial, factor, extra, jitter }: Policy): Backoff => {
  const common = { jitter, forgetAfter: 30_000 }
  if (kind === 0) return { type: "constant", delay: initial, ...common }
  if (kind === 1) return { type: "linear", initial, step: extra, cap: initial + extra, ...common }
  return { type: "exponential", initial, factor, cap: initial + extra, ...common }
}
const limitOf = (backoff: Backoff): number => (backoff.type === "constant" ? backoff.delay : backoff.cap)

describe("without jitter", () => {
  it("exponential doubles up to its cap", () =>
    assert.deepStrictEqual(attempts(exponential, 1, 2, 3, 9, 10, 100), [100, 200, 400, 25_600, 30_000, 30_000]))
  it("linear grows by its step up to its cap", () => assert.deepStrictEqual(attempts(linear, 1, 2, 3, 4, 5), [100, 150, 200, 225, 225]))
  it("constant stays the same", () => assert.deepStrictEqual(attempts(constant, 1, 2, 1_000_000), [700, 700, 700]))
  it("nothing overflows at the millionth attempt", () => assert.deepStrictEqual(attempts(exponential, 1_000_000), [30_000]))
  it("zero stays zero", () => assert.deepStrictEqual(attempts({ ...exponential, initial: 0 }, 1, 1_000_000), [0, 0]))
})

describe("every policy", () => {
  it.effect.prop("the delay lies between the cap and what jitter may take off", { it: policy }, ({ it }) =>
    Effect.sync(() => {
      const backoff = backoffOf(it)
      const delay = delayMs(backoff, it.attempt, it.draw)
      const plain = delayMs({ ...backoff, jitter: 0 }, it.attempt, 0)
      assert.isTrue(Number.isInteger(delay) && delay >= 0 && delay <= limitOf(backoff))
      assert.isTrue(delay >= Math.floor(plain * (1 - it.jitter)) && delay <= plain)
    })
  )
  it.effect.prop("a later attempt does not wait less", { it: policy }, ({ it }) =>
    Effect.sync(() => assert.isTrue(delayMs(backoffOf(it), it.attempt + 1, it.draw) >= delayMs(backoffOf(it), it.attempt, it.draw)))
  )
})

describe("jitter", () => {
  const draws = (seed: number) => Array.from({ length: 10_000 }, (_, n) => jitterOf(seed, `/root/c${n}`, 1))

  it("is the same for the same incarnation, and another for another seed, path or incarnation", () => {
    assert.strictEqual(jitterOf(7, "/root/a", 3), jitterOf(7, "/root/a", 3))
    const others = [jitterOf(8, "/root/a", 3), jitterOf(7, "/root/b", 3), jitterOf(7, "/root/a", 4)]
    assert.isFalse(others.includes(jitterOf(7, "/root/a", 3)))
  })

  it("is spread evenly over the children (Kolmogorov-Smirnov, 1 %)", () => {
    for (const seed of [0, 1, 42, 2 ** 31 - 1]) {
      const sorted = draws(seed).sort((a, b) => a - b)
      const gap = Math.max(
        ...sorted.map((draw, n) => Math.max(Math.abs(draw - n / sorted.length), Math.abs(draw - (n + 1) / sorted.length)))
      )
      assert.isBelow(gap, 1.63 / Math.sqrt(sorted.length))
    }
  })
})
