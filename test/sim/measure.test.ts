/** Campaigns: their figures, how sure they are, and what another policy would have made of the same faults. */
import { describe, expect, it } from "vitest"
import { pool, type SupervisorSpec, supervisor, worker } from "../../src/index.ts"
import { DurationHistogram } from "../../src/sim/DurationHistogram.ts"
import { type Estimate, Sample, shareOf } from "../../src/sim/measure/Estimate.ts"
import { campaign, faults, simulate, times, vary, whatIf } from "../../src/testing.ts"

const shop = supervisor({
  id: "shop",
  children: [
    worker({ id: "db", start: ["db"] }),
    supervisor({ id: "workers", intensity: 3, children: [worker({ id: "a", start: ["a"] }), worker({ id: "b", start: ["b"] })] }),
    pool({ id: "jobs", size: 2, child: worker({ id: "job", start: ["job"] }) })
  ]
})
const busy = {
  for: "1h",
  runs: 30,
  seed: 100,
  behaviours: [
    { path: "jobs", lifetime: times.exponential("2m"), starting: times.constant("1s") },
    { path: "workers", lifetime: times.exponential("20s"), starting: times.constant("1s") }
  ]
} as const

function estimate(figures: ReadonlyArray<number>): Estimate {
  const sample = new Sample()
  for (const figure of figures) sample.add(figure)
  return sample.estimate
}

describe("a duration histogram", () => {
  it("has an exact mean and maximum, and quantiles within one per cent", () => {
    const repairs = new DurationHistogram()
    for (let ms = 0; ms < 100_000; ms++) repairs.add(ms)
    const { count, mean, median, p99, longest } = repairs.stats!
    expect({ count, mean, longest }).toEqual({ count: 100_000, mean: 49_999.5, longest: 99_999 })
    expect(Math.abs(median / 50_000 - 1)).toBeLessThan(0.01)
    expect(Math.abs(p99 / 99_000 - 1)).toBeLessThan(0.01)
  })
  it("is exact when all durations are the same", () => {
    const repairs = new DurationHistogram()
    for (let n = 0; n < 5; n++) repairs.add(91)
    expect(repairs.stats).toEqual({ count: 5, mean: 91, median: 91, p99: 91, longest: 91 })
  })
  it("has no figures when it is empty", () => expect(new DurationHistogram().stats).toBeUndefined())
})

describe("an estimate", () => {
  it("is the mean, with Student's interval", () => {
    // For one to five: variance 2.5, and t is 2.7764 at four degrees of freedom.
    const { mean, low, high } = estimate([1, 2, 3, 4, 5])
    expect(mean).toBe(3)
    expect(high - mean).toBeCloseTo(2.7764 * Math.sqrt(2.5 / 5), 2)
    expect(mean - low).toBeCloseTo(high - mean)
  })
  for (const [n, t] of [
    [2, 12.706],
    [3, 4.303],
    [11, 2.228],
    [31, 2.042],
    [1001, 1.962]
  ] as const)
    it(`knows t for ${n} samples`, () => {
      const samples = Array.from({ length: n }, (_, k) => k)
      const sd = Math.sqrt((n * (n + 1)) / 12)
      expect((estimate(samples).high - (n - 1) / 2) / (sd / Math.sqrt(n))).toBeCloseTo(t, 2)
    })
  it("has no width for one sample or none", () => {
    expect([estimate([7]), estimate([])]).toEqual([
      { mean: 7, low: 7, high: 7 },
      { mean: 0, low: 0, high: 0 }
    ])
  })
  it("of a share is Wilson's, and is never certain", () => {
    expect(shareOf(0, 10)).toMatchObject({ mean: 0, low: 0, high: expect.closeTo(0.2775, 3) })
    expect(shareOf(5, 10)).toMatchObject({ low: expect.closeTo(0.2366, 3), high: expect.closeTo(0.7634, 3) })
  })
})

describe("a campaign", () => {
  const result = campaign(shop, busy)

  it("is many rehearsals, with one seed after the other", () => {
    const singles = Array.from({ length: 30 }, (_, n) => simulate(shop, { ...busy, seed: 100 + n }))
    expect(result.availability).toEqual(estimate(singles.map(({ availability }) => availability)))
    expect(result.restarts).toEqual(estimate(singles.map(({ restarts }) => restarts)))
    expect(result.events).toBe(singles.reduce((sum, { events }) => sum + events, 0))
    expect(result.workers.get("/shop/workers/a")!.mean).toBeCloseTo(
      singles.reduce((sum, { workers }) => sum + workers.get("/shop/workers/a")!.availability, 0) / 30
    )
  })

  it("knows its worst run, which can be rehearsed by itself", () => {
    const { seed, availability, fingerprint } = result.worst
    expect(simulate(shop, { ...busy, seed }).fingerprint).toBe(fingerprint)
    for (let n = 0; n < 30; n++) expect(simulate(shop, { ...busy, seed: 100 + n }).availability).toBeGreaterThanOrEqual(availability)
  })

  it("reports how long recoveries took", () => {
    const { count, mean, median, p99, longest } = result.recoveryMs!
    expect(count).toBeGreaterThan(1000)
    expect(1000 < median && median <= p99 && p99 <= longest && mean > 1000).toBe(true)
  })

  it("reports each violation with the first seed that showed it", () => {
    const never = {
      name: "quiet",
      says: "nothing is counted",
      watch: () => ({ folded: ({ at }: { at: number }) => (at > 0 ? "Something happened." : undefined) })
    }
    expect(campaign(shop, { ...busy, invariants: [never] }).violations).toMatchObject([
      { invariant: "quiet", seed: 100, sentence: "Something happened." }
    ])
  })
})

describe("what if", () => {
  it("puts each variant through the same runs: the same policy gains exactly nothing", () => {
    const [first, same] = whatIf({ one: shop, two: shop }, busy)
    expect(first!.campaign).toEqual(same!.campaign)
    expect(same!.gained).toEqual({ mean: 0, low: 0, high: 0 })
  })

  it("shows what a limit costs, more surely than two campaigns could", () => {
    const [three, many] = whatIf({ three: shop, many: vary(shop, { intensity: 1000 }, "workers") }, busy)
    expect(three!.campaign.escalations.mean).toBeGreaterThan(0)
    expect(many!.campaign.escalations.mean).toBe(0)
    // A supervisor that gives up is restarted at once, with its children; without a limit the children wait out growing
    // delays.
    expect(many!.gained.high).toBeLessThan(0)
    const width = ({ low, high }: { low: number; high: number }) => high - low
    expect(width(many!.gained)).toBeLessThan(width(three!.campaign.availability) + width(many!.campaign.availability))
  })

  it("varies only the selected nodes", () => {
    const varied = vary(
      shop,
      { intensity: 9, strategy: "OneForAll", backoff: { type: "constant", delay: "1s" } },
      "workers"
    ) as SupervisorSpec
    const [db, workers, jobs] = varied.children
    expect(varied.intensity).toBeUndefined()
    expect(db).toEqual(shop.children[0])
    expect(jobs).toEqual(shop.children[2])
    expect(workers).toMatchObject({
      intensity: 9,
      strategy: "OneForAll",
      children: [{ backoff: { delay: "1s" } }, { backoff: { delay: "1s" } }]
    })
    expect(vary(shop, { strategy: "RestForOne" })).toMatchObject({
      strategy: "RestForOne",
      children: [{}, { strategy: "RestForOne" }, expect.not.objectContaining({ strategy: "RestForOne" })]
    })
  })
})

it("a fault without a time comes at another time in each run", () => {
  const times = Array.from(
    { length: 10 },
    (_, seed) => simulate(shop, { for: "1h", seed, injections: [faults.kill("db")] }).injections[0]!.at
  )
  expect(new Set(times).size).toBe(10)
})
