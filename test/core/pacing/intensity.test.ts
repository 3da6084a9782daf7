/** The restart window against a naive count. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { count, emptyWindow, listed } from "../../../src/core/pacing/Intensity.ts"

const failure = (at: number) => ({ path: "/root/a", incarnation: 1, at, exit: { _tag: "Code", code: 1 } as const })
const gap = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 }))

describe("the window", () => {
  it.effect.prop(
    "holds what has happened in [now − period, now]",
    { gaps: Schema.Array(gap), period: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })) },
    ({ gaps, period }) =>
      Effect.sync(() => {
        const window = emptyWindow()
        const all: Array<number> = []
        let now = 0
        for (const gap of [...gaps, ...gaps, ...gaps]) {
          all.push((now += gap))
          assert.strictEqual(count(window, failure(now), period), all.filter((at) => at >= now - period).length)
        }
      })
  )

  it("forgets old entries, so its memory does not grow", () => {
    const window = emptyWindow()
    for (let at = 0; at < 100_000; at++) count(window, failure(at), 10)
    assert.isBelow(window.entries.length, 200)
  })

  it("lists the causes of the last entry only", () => {
    const gaveUp = (window: ReadonlyArray<ReturnType<typeof failure>>) => ({ _tag: "GaveUp", intensity: 1, periodMs: 10, window }) as const
    const window = emptyWindow()
    for (const at of [1, 2]) count(window, { ...failure(at), exit: gaveUp([failure(0)]) }, 10)
    const [first, last] = listed(window)
    assert.deepStrictEqual(first?.exit, gaveUp([]))
    assert.deepStrictEqual(last?.exit, gaveUp([failure(0)]))
  })

  it("lists the last sixteen, oldest first", () => {
    const window = emptyWindow()
    for (let at = 0; at < 100; at++) count(window, failure(at), 1000)
    assert.deepStrictEqual(
      listed(window).map(({ at }) => at),
      Array.from({ length: 16 }, (_, n) => 84 + n)
    )
  })
})
