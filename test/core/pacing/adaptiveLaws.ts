/** Laws of adaptive backoff, for every policy, history and draw. */
import assert from "node:assert/strict"
import * as fc from "fast-check"
import type { AdaptiveBackoff } from "../../../src/tree/Pacing.ts"
import { between, holdsFor } from "../chance.ts"
import type { Law, Pacing } from "./Law.ts"

/** The defaults, without jitter. */
const usual: AdaptiveBackoff = {
  type: "adaptive",
  min: 100,
  max: 60_000,
  factor: 2,
  halfLife: 30_000,
  jitter: 0,
  pressure: 1,
  startRate: 10
}

const policies: fc.Arbitrary<AdaptiveBackoff> = fc
  .record({
    min: fc.integer({ min: 1, max: 60_000 }),
    more: fc.integer({ min: 0, max: 3_600_000 }),
    factor: between(1.01, 100),
    halfLife: fc.integer({ min: 1, max: 3_600_000 }),
    jitter: between(0, 1),
    pressure: between(0, 100),
    startRate: between(0.001, 1e6)
  })
  .map(({ more, ...policy }) => ({ ...policy, type: "adaptive", max: policy.min + more }))

/** Mostly between 0 and a few half-lives. */
const uptime = fc.oneof(fc.constant(0), between(0, 1000), between(0, 1e6), between(0, 1e9))
const pasts = fc.array(uptime, { minLength: 1, maxLength: 30 })
const draw = between(0, 0.999_999)
const circumstances = fc.record({ pressure: between(0, 1), siblings: fc.nat({ max: 1000 }), draw, spread: draw })
const calm = { pressure: 0, siblings: 0, draw: 0, spread: 0 }

const scoreOf = ({ nextScore }: Pacing, policy: AdaptiveBackoff, past: ReadonlyArray<number>): number =>
  past.reduce((score, uptimeMs) => nextScore(policy, score, uptimeMs), 0)

/** The delay after these uptimes, in these circumstances. */
const delayAfter = (pacing: Pacing, policy: AdaptiveBackoff, past: ReadonlyArray<number>, more: object = {}): number =>
  pacing.adaptiveDelayMs(policy, { ...calm, ...more, score: scoreOf(pacing, policy, past) })

export const adaptiveLaws: ReadonlyArray<Law> = [
  {
    title: "no wait is shorter than min or longer than max, and all are whole numbers of milliseconds",
    holds: (pacing) =>
      holdsFor(
        fc.property(policies, pasts, circumstances, (policy, past, more) => {
          const delay = delayAfter(pacing, policy, past, more)
          assert.ok(Number.isInteger(delay) && delay >= policy.min && delay <= policy.max, String(delay))
        })
      )
  },
  {
    title: "a longer uptime, the last one or any before it, makes no wait longer",
    holds: (pacing) =>
      holdsFor(
        fc.property(policies, pasts, circumstances, fc.nat(), uptime, (policy, past, more, at, longer) => {
          const n = at % past.length
          const longerPast = past.with(n, past[n]! + longer)
          assert.ok(delayAfter(pacing, policy, longerPast, more) <= delayAfter(pacing, policy, past, more))
        })
      )
  },
  {
    title: "while all uptimes are the same no wait is shorter than the one before",
    holds: (pacing) =>
      holdsFor(
        fc.property(policies, uptime, fc.integer({ min: 1, max: 60 }), (policy, uptimeMs, failures) => {
          const delay = (count: number) => delayAfter(pacing, policy, Array(count).fill(uptimeMs))
          assert.ok(delay(failures + 1) >= delay(failures))
        })
      )
  },
  {
    title: "a score is never above its ceiling, and the millionth wait is the longest",
    holds: (pacing) => {
      holdsFor(
        fc.property(policies, pasts, (policy, past) => {
          const ceiling = pacing.highestScore(policy)
          assert.ok(Number.isFinite(ceiling) && scoreOf(pacing, policy, past) <= ceiling)
        })
      )
      let score = 0
      for (let n = 0; n < 1_000_000; n++) score = pacing.nextScore(usual, score, 0)
      assert.equal(score, pacing.highestScore(usual))
      assert.equal(pacing.adaptiveDelayMs(usual, { ...calm, score }), 60_000)
    }
  },
  {
    title: "after a long enough uptime the history no longer matters",
    holds: (pacing) =>
      holdsFor(
        fc.property(policies, pasts, (policy, past) => {
          const long = policy.halfLife * (Math.log2(pacing.highestScore(policy) + 1) + 40)
          assert.equal(delayAfter(pacing, policy, [...past, long]), policy.min)
        })
      )
  },
  {
    title: "the same history, pressure and draw give the same wait",
    holds: (pacing) =>
      holdsFor(
        fc.property(policies, pasts, circumstances, (policy, past, more) =>
          assert.equal(delayAfter(pacing, policy, past, more), delayAfter(pacing, policy, past, more))
        )
      )
  },
  {
    title: "a machine that is shorter of CPU or memory makes no wait shorter; full pressure makes it longer by the factor",
    holds: (pacing) => {
      holdsFor(
        fc.property(policies, pasts, circumstances, between(0, 1), (policy, past, more, pressure) => {
          const [less, most] = [Math.min(pressure, more.pressure), Math.max(pressure, more.pressure)]
          const at = (pressure: number) => delayAfter(pacing, policy, past, { ...more, pressure })
          assert.ok(at(less) <= at(most))
        })
      )
      assert.equal(delayAfter(pacing, usual, [0, 0], { pressure: 1 }), 400)
    }
  },
  {
    title: "jitter takes off no more than its share, and adds nothing",
    holds: (pacing) =>
      holdsFor(
        fc.property(policies, pasts, between(0, 1), draw, (policy, past, pressure, draw) => {
          const plain = delayAfter(pacing, { ...policy, jitter: 0 }, past, { pressure })
          const delay = delayAfter(pacing, policy, past, { pressure, draw })
          assert.ok(delay <= plain && delay >= Math.max(policy.min, Math.floor(plain * (1 - policy.jitter)) - 1), `${delay}, of ${plain}`)
        })
      )
  },
  {
    title: "siblings are spread as startRate says, and a child without siblings is not delayed",
    holds: (pacing) => {
      holdsFor(
        fc.property(policies, pasts, circumstances, (policy, past, more) => {
          const alone = delayAfter(pacing, policy, past, { ...more, siblings: 0 })
          const delay = delayAfter(pacing, policy, past, more)
          assert.ok(delay >= alone && delay <= alone + Math.ceil((more.siblings * 1000) / policy.startRate) + 1)
        })
      )
      assert.equal(delayAfter(pacing, usual, [0], { siblings: 40, spread: 0.5 }), 100 + 2000)
    }
  },
  {
    title: "two children draw independently, and so do the jitter and the spread of one (Kolmogorov-Smirnov, 1 %)",
    holds: ({ jitterOf }) => {
      const count = 20_000
      const wrapped = (a: number, b: number) => (a - b + 1) % 1 // uniform if both are, and independent
      const draws = (seed: number, n: number) => jitterOf(seed, `/root/jobs/c${n}`, 1)
      for (const seed of [0, 1, 42, 2 ** 31 - 1]) {
        const numbers = Array.from({ length: count }, (_, n) => n)
        const others: ReadonlyArray<(n: number) => number> = [
          (n) => draws(seed, n + 1),
          (n) => draws(~seed, n),
          (n) => jitterOf(seed, `/root/jobs/c${n}`, 2)
        ]
        for (const other of others) {
          const sorted = numbers.map((n) => wrapped(draws(seed, n), other(n))).sort((a, b) => a - b)
          const gap = Math.max(...sorted.map((value, n) => Math.max(value - n / count, (n + 1) / count - value)))
          assert.ok(gap < 1.63 / Math.sqrt(count), `seed ${seed}: ${gap}`)
        }
      }
    }
  },
  {
    title: "it does not depend on the unit of time",
    holds: (pacing) =>
      holdsFor(
        fc.property(policies, pasts, draw, fc.integer({ min: 2, max: 1000 }), (policy, past, draw, times) => {
          const { min, max, halfLife } = policy
          const larger = { ...policy, min: min * times, max: max * times, halfLife: halfLife * times }
          const plain = delayAfter(pacing, policy, past, { draw })
          const scaled = delayAfter(
            pacing,
            larger,
            past.map((ms) => ms * times),
            { draw }
          )
          // Each is rounded to whole milliseconds.
          assert.ok(Math.abs(scaled - plain * times) <= times / 2 + 1, `${scaled}, not ${plain * times}`)
        })
      )
  },
  {
    title: "an uptime or a pressure that is none, negative or endless counts as none, none and endless",
    holds: (pacing) =>
      holdsFor(
        fc.property(policies, pasts, circumstances, (policy, past, more) => {
          const after = (uptimeMs: number) => delayAfter(pacing, policy, [...past, uptimeMs], more)
          for (const none of [Number.NaN, -0, -1, -1e300, Number.NEGATIVE_INFINITY]) assert.equal(after(none), after(0))
          assert.equal(delayAfter(pacing, policy, [...past, Number.POSITIVE_INFINITY]), policy.min)
          const under = (pressure: number) => delayAfter(pacing, policy, past, { ...more, pressure })
          for (const none of [Number.NaN, -1, Number.NEGATIVE_INFINITY]) assert.equal(under(none), under(0))
          for (const much of [2, 1e300, Number.POSITIVE_INFINITY]) assert.equal(under(much), under(1))
        })
      )
  },
  {
    title: "with the same uptime each time the score comes to rest at 1 / (1 − 2^(−uptime / halfLife)), whatever the history",
    holds: (pacing) => {
      holdsFor(
        fc.property(policies, between(0.02, 40), pasts, (policy, halfLives, past) => {
          const uptimeMs = policy.halfLife * halfLives
          const rest = Math.min(pacing.highestScore(policy), 1 / (1 - 2 ** -halfLives))
          const score = scoreOf(pacing, policy, [...past, ...Array(5000).fill(uptimeMs)])
          assert.ok(Math.abs(score - rest) <= 1e-9 * rest, `${score}, not ${rest}`)
        }),
        60
      )
      // At the default half-life of 30 seconds: the uptime each time, and the wait in the end.
      const rests = { 1000: 60_000, 5000: 28_718, 10000: 1440, 20000: 325, 30000: 200, 60000: 126, 10800000: 100 }
      for (const [uptimeMs, wait] of Object.entries(rests)) {
        const found = delayAfter(pacing, usual, Array(5000).fill(Number(uptimeMs)))
        assert.ok(Math.abs(found - wait) <= 1, `${uptimeMs} ms: ${found}, not ${wait}`)
      }
    }
  },
  {
    title: "a child that ends as soon as it is up waits 100, 200, 400, … ms, and from the eleventh time on a minute",
    holds: (pacing) => {
      const waits = Array.from({ length: 12 }, (_, n) => delayAfter(pacing, usual, Array(n + 1).fill(0)))
      assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000])
      // And nearly so if it is up for 3 ms.
      for (const [n, wait] of waits.entries()) {
        const found = delayAfter(pacing, usual, Array(n + 1).fill(3))
        assert.ok(found <= wait && found >= wait * 0.99, `${found}, not ${wait}`)
      }
    }
  }
]
