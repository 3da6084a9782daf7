/** How many restarts adaptive backoff allows within a period: never too few, and not far too many. */
import { it } from "@effect/vitest"
import * as fc from "fast-check"
import { supervisor, worker } from "supervise"
import { expect } from "vitest"
import { adaptiveDelayMs, nextScore } from "../../src/core/pacing/Adaptive.ts"
import { restartsWithin } from "../../src/sim/lint/restartsWithin.ts"
import { simulate } from "../../src/sim/simulate.ts"
import type { AdaptiveBackoff } from "../../src/tree/Pacing.ts"

const ENOUGH = 1000

const policies: fc.Arbitrary<AdaptiveBackoff> = fc
  .record({
    min: fc.integer({ min: 20, max: 5000 }),
    times: fc.integer({ min: 1, max: 1000 }),
    factor: fc.constantFrom(1.2, 2, 10),
    halfLife: fc.integer({ min: 100, max: 60_000 }),
    jitter: fc.constantFrom(0, 0.5, 1)
  })
  .map(({ min, times, ...rest }) => ({ type: "adaptive", min, max: Math.min(600_000, min * times), pressure: 1, startRate: 10, ...rest }))
const periods = fc.constantFrom(1000, 30_000, 300_000)
const runs = { numRuns: Number(process.env.RUNS ?? 60), ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }) }

/** The most of these times that any closed window holds. */
function most(times: ReadonlyArray<number>, period: number): number {
  let [found, from] = [0, 0]
  for (const [n, at] of times.entries()) {
    while (times[from]! < at - period) from++
    found = Math.max(found, n - from + 1)
  }
  return found
}

it("never fewer than a rehearsal has, whatever the lifetimes of the child", () => {
  const lifetimes = fc.array(fc.constantFrom(0, 0.1, 0.5, 1, 3, 10), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(policies, periods, lifetimes, fc.nat(), (policy, period, halfLives, seed) => {
      const ms = (value: number) => `${value}ms` as const
      const backoff = { ...policy, min: ms(policy.min), max: ms(policy.max), halfLife: ms(policy.halfLife) }
      const tree = supervisor({ id: "root", intensity: 1e9, children: [worker({ id: "a", start: ["a"], backoff })] })
      const restarts: Array<number> = []
      simulate(tree, {
        for: period * 6,
        seed,
        behaviours: [{ path: "a", lifetime: { type: "samples", ms: halfLives.map((count) => Math.round(count * policy.halfLife)) } }],
        watch: ({ actions }, at) => {
          for (const action of actions) if (action._tag === "News" && action.news._tag === "RestartCounted") restarts.push(at)
        }
      })
      expect(restartsWithin(policy, period, ENOUGH)).toBeGreaterThanOrEqual(Math.min(ENOUGH, most(restarts, period)))
    }),
    runs
  )
})

/** By search: the most restarts of a child that stays up equally long each time. */
function bestOfSteady(policy: AdaptiveBackoff, period: number): number {
  const uptimes = [0, ...Array.from({ length: 40 }, (_, n) => policy.halfLife * 2 ** ((n - 30) / 4))]
  return Math.max(
    ...uptimes.map((uptimeMs) => {
      let [count, at, score] = [0, 0, 0]
      while (at <= period && count < ENOUGH) {
        count++
        score = nextScore(policy, score, count === 1 ? 0 : uptimeMs)
        at += adaptiveDelayMs(policy, { score, pressure: 0, siblings: 0, draw: 1, spread: 0 }) + uptimeMs
      }
      return count
    })
  )
}

it("at most twice as many as a child that stays up equally long each time", () => {
  fc.assert(
    fc.property(policies, periods, (policy, period) => {
      const [bound, tried] = [restartsWithin(policy, period, ENOUGH), bestOfSteady(policy, period)]
      expect(bound).toBeGreaterThanOrEqual(tried)
      // Staying up long once and then failing again and again may give slightly more restarts than a constant lifetime.
      expect(bound).toBeLessThanOrEqual(2 * tried + 2)
    }),
    runs
  )
})
