/**
 * Compares the simulator with computed values: how long a restart limit lasts, and how available a worker is. Each
 * value of the tables must lie within four standard errors of what the rehearsals give. The seeds are fixed, so a
 * result does not vary.
 */
import { describe, expect, it } from "vitest"
import { type BackoffSpec, supervisor, type TreeSpec, worker } from "../../src/index.ts"
import { Sample } from "../../src/sim/measure/Estimate.ts"
import { campaign, type Estimate, simulate, times } from "../../src/testing.ts"

const one = (backoff: BackoffSpec, limits: { readonly intensity: number; readonly period?: "1s" | `${number}ms` }): TreeSpec =>
  supervisor({ id: "root", ...limits, children: [worker({ id: "a", start: ["a"], backoff })] })
const always = 1_000_000
const seconds = (count: number) => `${count}s` as const

/**
 * Four standard errors to each side: the 95 % interval, twice as wide, together with the error of the exact value if it
 * has one.
 */
const within = ({ mean, low, high }: Estimate, exact: number, error = 0): void => {
  expect(exact).toBeGreaterThan(mean - Math.hypot(2 * (mean - low), 4 * error))
  expect(exact).toBeLessThan(mean + Math.hypot(2 * (high - mean), 4 * error))
}

/** The estimate of one figure over several runs. */
const estimate = (figures: ReadonlyArray<number>): Estimate => {
  const sample = new Sample()
  for (const figure of figures) sample.add(figure)
  return sample.estimate
}

describe("restarts until a supervisor gives up, when failures are a Poisson process", () => {
  // For MaxR restarts in a closed period P and a = failures per second × P: the mean number of the failure that exceeds
  // the limit. Computed for MaxR 1 and 2; beyond that the mean of an independent simulation, with its standard error.
  const rows: ReadonlyArray<[maxR: number, a: number, mean: number, error?: number]> = [
    [1, 0.1, 11.508331944775044],
    [1, 0.25, 5.520811664187799],
    [1, 0.5, 3.5414940825367984],
    [1, 1, 2.5819767068693267],
    [1, 2, 2.156517642749666],
    [1, 5, 2.0067836549063043],
    [2, 0.05, 855.22704824597],
    [2, 0.1, 228.56523140404903],
    [2, 0.25, 44.57994766367747],
    [2, 0.5, 15.271804503220004],
    [2, 1, 6.65847491740848],
    [2, 1.5, 4.71570114508079],
    [2, 2, 3.9423794871454794],
    [2, 3, 3.3416956926917],
    [2, 5, 3.0551765319089768],
    [2, 10, 3.00059035208744],
    [3, 0.25, 528.1625, 6.009810457116659],
    [3, 0.5, 90.22548, 0.27519775505569805],
    [3, 1, 20.78727, 0.05574053605295699],
    [3, 2, 7.52096, 0.014030438581313127],
    [3, 5, 4.2407, 0.0023699863079773265],
    [5, 1, 389.3531, 1.2130466212820923],
    [5, 2, 39.65726, 0.10986671148680113],
    [5, 5, 7.92571, 0.010175072970696572],
    [10, 5, 97.08327, 0.28158598111601896]
  ]
  const meanMs = 1_000_000
  for (const [maxR, a, mean, error] of rows) {
    it(`${maxR} in a period of ${a} mean lifetimes: ${mean.toFixed(3)}`, () => {
      const tree = one({ type: "constant", delay: "0s", jitter: 0 }, { intensity: maxR, period: `${a * meanMs}ms` })
      const { restarts, ended, events } = campaign(tree, {
        for: "3000 days",
        runs: Math.min(1000, Math.max(100, Math.round(40_000 / mean))), // about as many failures in each row
        behaviours: [{ path: "a", lifetime: times.exponential(meanMs) }]
      })
      expect(events).toBeGreaterThan(0)
      expect(ended.mean).toBe(1)
      within(restarts, mean, error)
    })
  }

  it("a window that is open at one end, or holds one restart more, would be noticed", () => {
    const tree = one({ type: "constant", delay: "0s", jitter: 0 }, { intensity: 3, period: `${meanMs}ms` })
    const { restarts } = campaign(tree, { for: "3000 days", runs: 500, behaviours: [{ path: "a", lifetime: times.exponential(meanMs) }] })
    expect(() => within(restarts, 6.65847491740848)).toThrow()
  })
})

describe("availability of one worker with exponential lifetimes", () => {
  const figure = (backoff: BackoffSpec, mtbf: number, start: number): Estimate =>
    campaign(one(backoff, { intensity: always }), {
      for: `${Math.ceil(mtbf / 2)}h`,
      runs: 20,
      behaviours: [{ path: "a", lifetime: times.exponential(seconds(mtbf)), starting: times.constant(seconds(start)) }]
    }).availability

  // mtbf / (mtbf + delay + start), all in seconds.
  for (const [mtbf, delay] of [
    [10, 1],
    [30, 0.1],
    [3600, 0.1],
    [1, 60],
    [10800, 0.1]
  ] as const)
    it(`constant: mtbf ${mtbf} s, delay ${delay} s`, () =>
      within(figure({ type: "constant", delay: seconds(delay), jitter: 0 }, mtbf, 0.5), mtbf / (mtbf + delay + 0.5)))

  // The delays are a Markov chain of attempts, which starts over after `reset` seconds of uptime.
  const exponential: ReadonlyArray<[mtbf: number, base: number, cap: number, reset: number, exact: number]> = [
    [30, 0.1, 60, 60, 0.613040842203916],
    [10, 0.1, 60, 60, 0.144346352529923],
    [60, 1, 60, 60, 0.874380628024044],
    [300, 10, 300, 600, 0.63513395318461],
    [3600, 10, 300, 600, 0.996482517110375],
    [30, 1, 60, 10, 0.933684823054142]
  ]
  for (const [mtbf, base, cap, reset, exact] of exponential)
    it(`exponential from ${base} s to ${cap} s, mtbf ${mtbf} s: ${exact.toFixed(4)}`, () => {
      const backoff = {
        type: "exponential",
        initial: seconds(base),
        factor: 2,
        cap: seconds(cap),
        jitter: 0,
        forgetAfter: seconds(reset)
      } as const
      within(figure(backoff, mtbf, 0.5), exact)
    })

  for (const [mtbf, exact] of [
    [30, 0.79181045548995],
    [300, 0.994294727710981]
  ] as const)
    it(`linear by 1 s to 60 s, mtbf ${mtbf} s: ${exact.toFixed(4)}`, () =>
      within(figure({ type: "linear", initial: "1s", step: "1s", cap: "60s", jitter: 0, forgetAfter: "60s" }, mtbf, 0.5), exact))
})

describe("restarts of a crash loop", () => {
  const rows: ReadonlyArray<[hours: number, base: number, cap: number, uptime: number, restarts: number]> = [
    [1, 0.1, 60, 0.05, 68],
    [1, 10, 300, 0.05, 15],
    [1, 1, 60, 0.05, 64],
    [24, 10, 300, 1, 290]
  ]
  for (const [hours, base, cap, uptime, restarts] of rows)
    it(`in ${hours} h, from ${base} s to ${cap} s: ${restarts}`, () => {
      const tree = one({ type: "exponential", initial: seconds(base), cap: seconds(cap), jitter: 0 }, { intensity: always })
      const { workers } = simulate(tree, { for: `${hours}h`, behaviours: [{ path: "a", lifetime: times.constant(seconds(uptime)) }] })
      expect(workers.get("/root/a")!.starts - 1).toBe(restarts)
    })
})

describe("trees of workers that fail independently", () => {
  // The availability of one, with D = delay + start: 1 / (1 + D / mtbf).
  const [mtbf, down, n] = [100, 5, 4]
  const children = Array.from({ length: n }, (_, k) =>
    worker({ id: `w${k}`, start: ["w"], backoff: { type: "constant", delay: "4s", jitter: 0 } })
  )
  const run = (strategy: "OneForOne" | "OneForAll") =>
    campaign(supervisor({ id: "root", strategy, intensity: always, children }), {
      for: "20h",
      runs: 20,
      behaviours: [{ path: "root", lifetime: times.exponential(seconds(mtbf)), starting: times.constant("1s") }]
    })

  it("OneForOne: all are up for the product of their availabilities", () =>
    within(run("OneForOne").availability, (1 / (1 + down / mtbf)) ** n))

  // All are down for the delay and n starts, at n times the rate. Starts take no time here: otherwise the first could
  // fail while the others start.
  it("OneForAll: the group fails n times as often, and is down for the delay and every start", () => {
    const starting = times.constant("0s")
    const { availability } = campaign(supervisor({ id: "root", strategy: "OneForAll", intensity: always, children }), {
      for: "20h",
      runs: 20,
      behaviours: [{ path: "root", lifetime: times.exponential(seconds(mtbf)), starting }]
    })
    within(availability, 1 / (1 + (n * 4) / mtbf))
  })

  it("RestForOne: a failure restarts (n + 1) / 2 of them on average", () => {
    const size = 7
    const instant = { type: "constant", delay: "0s", jitter: 0 } as const
    const list = Array.from({ length: size }, (_, k) => worker({ id: `w${k}`, start: ["w"], backoff: instant }))
    const tree = supervisor({ id: "root", strategy: "RestForOne", intensity: always, children: list })
    const perFailure = Array.from({ length: 10 }, (_, seed) => {
      const { workers, restarts } = simulate(tree, {
        for: "5h",
        seed,
        behaviours: [{ path: "root", lifetime: times.exponential("100s") }]
      })
      const starts = [...workers.values()].reduce((sum, stats) => sum + stats.starts, 0)
      return (starts - size) / restarts
    })
    within(estimate(perFailure), (size + 1) / 2)
  })

  // They are independent: each is up for 6 s and down for 4, and all are down at once for the product.
  it("any of n is enough: all are down at once for the product of their downtimes", () => {
    const shares = Array.from({ length: 20 }, (_, seed) => {
      const down = new Set(children.map(({ id }) => `/root/${id}`))
      const [hours, all] = [3, down.size]
      let [since, missing] = [0, 0]
      const tree = supervisor({ id: "root", intensity: always, children })
      simulate(tree, {
        for: `${hours}h`,
        seed,
        behaviours: [{ path: "root", lifetime: times.exponential("6s") }],
        watch: ({ at, actions }) => {
          for (const action of actions) {
            if (action._tag !== "News" || (action.news._tag !== "Started" && action.news._tag !== "Exited")) continue
            if (!action.news.path.startsWith("/root/")) continue
            if (down.size === all) missing += at - since
            if (action.news._tag === "Started") down.delete(action.news.path)
            else down.add(action.news.path)
            since = at
          }
        }
      })
      return 1 - missing / (hours * 3_600_000)
    })
    within(estimate(shares), 1 - (1 - 6 / (6 + 4)) ** n)
  })
})
