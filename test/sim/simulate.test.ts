/**
 * Rehearsals: the same seed goes the same way, leaving out a fault moves no other, and each fault does what it
 * promises.
 */
import { describe, expect, it } from "vitest"
import { line, pool, supervisor, worker } from "../../src/index.ts"
import {
  BadRehearsal,
  type BehaviourAt,
  faults,
  type Injection,
  invariants,
  type JournalEntry,
  type ScheduledInjection,
  type SimulateOptions,
  simulate,
  times
} from "../../src/testing.ts"

const backoff = { type: "exponential", jitter: 0 } as const
const shop = supervisor({
  id: "shop",
  strategy: "RestForOne",
  children: [
    worker({ id: "db", start: ["db"], shutdown: "30 seconds", backoff }),
    worker({ id: "migrate", start: ["migrate"], restart: "transient", ready: "exited" }),
    worker({ id: "web", start: ["web"], backoff }),
    pool({ id: "jobs", size: 3, intensity: 100, child: worker({ id: "job", start: ["job"], backoff }) })
  ]
})
const crashing: ReadonlyArray<BehaviourAt> = [{ path: "jobs", lifetime: times.exponential("30s"), starting: times.constant("1s") }]

/** The news of the node at a path, each with its time. */
function newsAt(options: SimulateOptions, path: string): ReadonlyArray<string> {
  const lines: Array<string> = []
  const watch = ({ at, actions }: JournalEntry): void => {
    for (const action of actions) if (action._tag === "News" && action.news.path === path) lines.push(`${at / 1000}s ${action.news._tag}`)
  }
  simulate(shop, { ...options, watch })
  return lines
}

describe("chance", () => {
  it("comes from the seed alone: the same seed goes the same way, another goes another way", () => {
    const options = {
      for: "1h",
      behaviours: crashing,
      injections: [faults.outage("db", { for: "1m" }), faults.stall({ for: "5s" })]
    } as const
    const [one, again, other] = [7, 7, 8].map((seed) => simulate(shop, { ...options, seed }))
    expect(one!.fingerprint).toBe(again!.fingerprint)
    expect(one).toEqual(again)
    expect(other!.fingerprint).not.toBe(one!.fingerprint)
  })

  it("is drawn for each fault separately: leaving one out does not move the others", () => {
    const all = [faults.kill("web"), faults.outage("db", { for: "1m" }), faults.hang("jobs/2")]
    const scheduled = (injections: ReadonlyArray<Injection>) => simulate(shop, { for: "1h", seed: 3, injections }).injections
    expect(scheduled([all[0]!, all[2]!])).toEqual(scheduled(all).toSpliced(1, 1))
  })

  it("is drawn for each worker separately: one moves the exits of no other", () => {
    const exits = (behaviours: ReadonlyArray<BehaviourAt>) => newsAt({ for: "10m", seed: 5, behaviours }, "/shop/jobs/2")
    const single = exits([{ path: "jobs/2", lifetime: times.exponential("1m") }])
    expect(single.length).toBeGreaterThan(10)
    expect(exits([{ path: "jobs", lifetime: times.exponential("1m") }])).toEqual(single)
  })

  it("schedules a fault so that it is over before the end", () => {
    for (let seed = 0; seed < 50; seed++) {
      const [{ at }] = simulate(shop, { for: "10m", seed, injections: [faults.stall({ for: "9m" })] }).injections as [ScheduledInjection]
      expect(at).toBeGreaterThanOrEqual(0)
      expect(at).toBeLessThanOrEqual(60_000)
    }
  })
})

describe("a fault", () => {
  const at = "10s"
  const newsAfter = (injection: Injection, path: string, behaviours: ReadonlyArray<BehaviourAt> = []) =>
    newsAt({ for: "2m", injections: [injection], behaviours }, path).filter((line) => !line.startsWith("0s"))

  it("kill: ends what runs there, once", () => {
    expect(newsAfter(faults.kill("web", { at }), "/shop/web")).toEqual(["10s Exited", "10s Backoff", "10.1s Starting", "10.1s Started"])
  })

  it("hang: keeps running, counts as down, and ignores the stop signal", () => {
    const { workers, restarts } = simulate(shop, { for: "2m", injections: [faults.hang("web", { at })] })
    expect(workers.get("/shop/web")).toMatchObject({ upMs: 10_000, wantedMs: 120_000, starts: 1 })
    expect(restarts).toBe(0)
    const stopped = newsAt({ for: "2m", stop: true, injections: [faults.hang("web", { at })] }, "/shop/web")
    expect(stopped.slice(-2)).toEqual(["120s Stopping", "125s Stopped"])
  })

  it("outage: ends it, and lets no start succeed until it is over", () => {
    const lines = newsAfter(faults.outage("jobs/1", { at, for: "5s" }), "/shop/jobs/1")
    expect(lines[0]).toBe("10s Exited")
    expect(lines.filter((line) => line.endsWith("Exited")).length).toBeGreaterThan(3)
    expect(Number.parseFloat(lines.at(-1)!)).toBeGreaterThan(15)
    const slow = supervisor({ id: "slow", children: [worker({ id: "a", start: ["a"], ready: line("up") })] })
    const behaviours = [{ path: "a", starting: times.constant("1s") }]
    const early = { for: "1m", behaviours, injections: [faults.outage("a", { at: 0, for: "5s" })] } as const
    expect(simulate(slow, early).ended?.exit._tag).toBe("BootFailed")
    const quick = supervisor({ id: "quick", intensity: 9, children: [worker({ id: "a", start: ["a"] })] })
    expect(simulate(quick, early).ended).toBeUndefined()
  })

  it("hint: a waiting child is started, and a running one is left alone", () => {
    const injections = [faults.kill("web", { at }), faults.hint("web", { at: "10020ms" }), faults.hint("jobs", { at: "20s" })]
    expect(newsAt({ for: "2m", injections }, "/shop/web").slice(-5)).toEqual([
      "10s Exited",
      "10s Backoff",
      "10.02s WaitCancelled",
      "10.02s Starting",
      "10.02s Started"
    ])
    expect(newsAt({ for: "2m", injections }, "/shop/jobs/1").filter((line) => line.startsWith("20s"))).toEqual([])
  })

  it("spawnErrors: what runs goes on", () => {
    const both = [faults.spawnErrors("jobs", { at, for: "5s" }), faults.kill("jobs/1", { at: "11s" })]
    expect(newsAt({ for: "2m", injections: both }, "/shop/jobs/2").filter((line) => !line.startsWith("0s"))).toEqual([])
    expect(newsAt({ for: "2m", injections: both }, "/shop/jobs/1")).toContain("11.1s StartFailed")
  })

  it("swizzle: each goes and comes back by itself", () => {
    const lines = ["1", "2", "3"].map((n) => newsAfter(faults.swizzle("jobs", { at, for: "1m" }), `/shop/jobs/${n}`))
    const ends = lines.map(([first]) => Number.parseFloat(first!))
    expect(new Set(ends).size).toBe(3)
    for (const end of ends) expect(end).toBeLessThan(40)
    const { workers } = simulate(shop, { for: "2m", injections: [faults.swizzle("jobs", { at, for: "1m" })] })
    for (const n of [1, 2, 3]) expect(workers.get(`/shop/jobs/${n}`)!.repairsMs).toEqual([expect.any(Number)])
  })

  it("stall: exits are received late, and in order", () => {
    const both = [faults.stall({ at, for: "20s" }), faults.kill("web", { at: "15s" })]
    expect(newsAt({ for: "2m", injections: both }, "/shop/web")).toContain("30s Exited")
  })

  it("suspend: no process makes progress, and the clock moves on", () => {
    const behaviours = [{ path: "web", lifetime: times.constant("15s") }]
    expect(newsAfter(faults.suspend({ at, for: "1m" }), "/shop/web", behaviours)[0]).toBe("75s Exited")
  })

  it("clockJump: delays end at once, or take that much longer", () => {
    const later = (byMs: number) =>
      newsAfter(faults.clockJump({ at: "5s", byMs }), "/shop/web", [{ path: "web", lifetime: times.constant("10s") }])
    expect(later(3_600_000)[0]).toBe("3610s Exited")
    expect(later(-4000)[0]).toBe("6s Exited")
  })
})

describe("a world like the live one", () => {
  const only = (more: object) => supervisor({ id: "r", children: [worker({ id: "a", start: ["a"], backoff, ...more })] })
  const news = (tree: ReturnType<typeof only>, options: SimulateOptions) => {
    const lines: Array<string> = []
    const watch = ({ actions }: JournalEntry, at: number): void => {
      for (const action of actions)
        if (action._tag === "News" && action.news.path === "/r/a") lines.push(`${at / 1000}s ${action.news._tag}`)
    }
    return { ...simulate(tree, { ...options, watch }), lines }
  }

  it("delivers what happened in two stalls when both are over", () => {
    const injections = [faults.stall({ at: "1s", for: "5s" }), faults.stall({ at: "3s", for: "10s" }), faults.kill("a", { at: "2s" })]
    expect(news(only({}), { for: "1m", injections }).lines).toContain("13s Exited")
  })
  it("delivers late events in order", () => {
    const tree = supervisor({ id: "r", children: ["a", "b", "c"].map((id) => worker({ id, start: [id] })) })
    const ends: Array<string> = []
    const watch = ({ event }: JournalEntry): void => void (event._tag === "Exited" && ends.push(event.path))
    const killed = ["b", "c", "a"].map((id, n) => faults.kill(id, { at: `${11 + n}s` }))
    simulate(tree, { for: "1m", injections: [faults.stall({ at: "10s", for: "20s" }), ...killed], watch })
    expect(ends).toEqual(["/r/b", "/r/c", "/r/a"])
  })
  it("keeps down what a swizzle has taken until it comes back, even when a shorter one takes it again", () => {
    const tree = only({ backoff: { type: "constant", delay: "1s", jitter: 0 } })
    const often = { ...tree, intensity: 1000 }
    const injections = [faults.swizzle("a", { at: "10s", for: "2m" }), faults.swizzle("a", { at: "69s", for: "100 millis" })]
    // The first one takes it before 70 s and gives it back later: the second finds it down.
    const { lines, workers } = news(often, { for: "5m", injections })
    const ends = lines.filter((line) => line.endsWith("Exited")).map(Number.parseFloat)
    expect(ends.length).toBeGreaterThan(2)
    expect(ends.at(-1)).toBeGreaterThan(72)
    expect(workers.get("/r/a")!.repairsMs).toHaveLength(1)
  })
  it("ends every outage when it calms down, however long it was to last", () => {
    const often = { ...only({ backoff: { type: "constant", delay: "1s", jitter: 0 } }), intensity: 1000 }
    for (const fault of [faults.outage("a", { at: "30s", for: "2h" }), faults.swizzle("a", { at: "1s", for: "110s" })])
      expect(news(often, { for: "1m", calm: "5s", injections: [fault], invariants }).violations).toEqual([])
  })
  it("makes no more progress in two pauses than in one that is as long, and is down meanwhile", () => {
    const injections = [faults.suspend({ at: "2s", for: "5s" }), faults.suspend({ at: "4s", for: "5s" })]
    const { lines, workers } = news(only({}), { for: "1m", injections, behaviours: [{ path: "a", lifetime: times.constant("10s") }] })
    expect(lines).toContain("17s Exited")
    expect(workers.get("/r/a")!.repairsMs[0]).toBe(7000)
  })
  it("kills late when the supervisor is stalled, and at once when the stop signal is a kill", () => {
    const deaf = [{ path: "a", deaf: true }]
    const late = news(only({ shutdown: "1s" }), { for: "1m", stop: true, behaviours: deaf })
    expect(late.lines.slice(-2)).toEqual(["60s Stopping", "61s Stopped"])
    const atOnce = news(only({ stopSignal: "SIGKILL", shutdown: "infinity" }), { for: "1m", stop: true, behaviours: deaf })
    expect(atOnce.lines.slice(-2)).toEqual(["60s Stopping", "60s Stopped"])
  })
  it("reports no violation for a tree that is only slow, or deaf on purpose", () => {
    const judged = { for: "1m", calm: "3650 days", stop: true, invariants, injections: [faults.kill("a", { at: "30s" })] } as const
    const deaf = [{ path: "a", deaf: true }]
    expect(news(only({ shutdown: "infinity" }), { ...judged, behaviours: deaf }).violations).toEqual([])
    expect(news(only({ shutdown: "2 hours" }), { ...judged, behaviours: deaf }).violations).toEqual([])
    expect(news(only({ backoff: { type: "constant", delay: "2 hours" } }), judged).violations).toEqual([])
    const stalled = [...judged.injections, faults.stall({ at: "20s", for: "2h" })]
    expect(news(only({}), { ...judged, injections: stalled }).violations).toEqual([])
  })
})

/** Of a worker that never hung and was never convicted. */
const noHangs = { detectionsMs: [], falseConvictions: 0 }

describe("the figures", () => {
  it("expect nothing of workers whose supervisor has ended as it should", () => {
    const significant = worker({ id: "job", start: ["job"], restart: "transient", significant: true })
    const done = supervisor({
      id: "done",
      restart: "transient",
      autoShutdown: "anySignificant",
      children: [worker({ id: "x", start: ["x"] }), significant]
    })
    const tree = supervisor({ id: "r", children: [done] })
    const behaviours = [{ path: "done/job", lifetime: times.constant("6s"), exits: [{ _tag: "Code", code: 0 }] }] as const
    expect(simulate(tree, { for: "1m", behaviours }).availability).toBe(1)
  })

  it("include workers that never came up", () => {
    const slow = supervisor({
      id: "r",
      children: [worker({ id: "a", start: ["a"], ready: line("up") }), worker({ id: "b", start: ["b"] })]
    })
    const { workers } = simulate(slow, { for: "1m", behaviours: [{ path: "a", starting: times.never }] })
    expect(workers.get("/r/b")).toMatchObject({ starts: 0, wantedMs: 60_000, availability: 0 })
  })

  it("count a worker as down from its exit until it is up again", () => {
    const { workers, availability } = simulate(shop, {
      for: "100s",
      injections: [faults.kill("jobs/1", { at: "50s" })],
      behaviours: crashing.map((one) => ({ ...one, lifetime: times.never }))
    })
    expect(workers.get("/shop/jobs/1")).toEqual({
      starts: 2,
      upMs: 97_900,
      wantedMs: 100_000,
      availability: 0.979,
      repairsMs: [1100],
      ...noHangs
    })
    expect(availability).toBeCloseTo(0.979)
  })

  it("expect nothing more of a job that is done", () => {
    expect(simulate(shop, { for: "1m" }).workers.get("/shop/migrate")).toMatchObject({ starts: 1, wantedMs: 0, availability: 1 })
  })

  it("count the time after giving up as down", () => {
    const { ended, availability, escalations } = simulate(shop, { for: "1h", injections: [faults.outage("db", { at: "10m", for: "50m" })] })
    expect(ended).toMatchObject({ exit: { _tag: "GaveUp" } })
    expect(escalations).toHaveLength(1)
    expect(availability).toBeCloseTo(1 / 6, 3)
  })

  it("do not include the calm and the stop that follow", () => {
    const plain = { for: "10m", seed: 2, behaviours: crashing } as const
    const [short, long] = [simulate(shop, plain), simulate(shop, { ...plain, calm: "1h", stop: true, invariants })]
    expect({ ...long, events: 0, fingerprint: "" }).toEqual({ ...short, events: 0, fingerprint: "" })
  })
})

describe("a fault", () => {
  const group = (id: string) => supervisor({ id, children: [worker({ id: "db", start: ["db"] }), worker({ id: `${id}er`, start: ["x"] })] })
  const tree = supervisor({
    id: "shop",
    children: [group("left"), group("right"), pool({ id: "jobs", size: 2, child: worker({ id: "job", start: ["job"] }) })]
  })
  const killed = (path: string) => simulate(tree, { for: "1m", injections: [faults.kill(path, { at: "3s" })] })

  it.each([
    ["/shop/left/lefter", ["shop/left/lefter", "left/lefter", "lefter", "lefter/", "lef*er"]],
    ["/shop/jobs/2", ["jobs/2", "2"]],
    ["/shop/left/db", ["left/db", "l*/db"]]
  ])("is of %s by any name of it", (path, names) => {
    const { workers, fingerprint } = killed(path)
    expect(workers.get(path)?.starts).toBe(2)
    for (const name of names) expect(killed(name).fingerprint).toBe(fingerprint)
  })

  it("is refused if several paths end in its name", () => {
    expect(() => killed("db")).toThrow("db may be /shop/left/db or /shop/right/db. Write more of its path.")
  })
})

describe("what cannot be rehearsed is refused with a sentence", () => {
  const cases: ReadonlyArray<[string, SimulateOptions, string]> = [
    ["an unknown path", { for: "1h", injections: [faults.kill("bd")] }, "There is no bd in the tree shop. Did you mean /shop/db?"],
    ["a path below a worker", { for: "1h", behaviours: [{ path: "db/x" }] }, "There is no db/x in the tree shop."],
    ["an instance without a number", { for: "1h", behaviours: [{ path: "jobs/x" }] }, "There is no jobs/x in the tree shop."],
    [
      "no length",
      { for: "soon" as "1s" },
      'the length of the rehearsal is "soon", and should be a duration such as "30s", of at most ten years.'
    ],
    ["a negative length", { for: -1 }, "the length of the rehearsal is -1"],
    [
      "an unknown fault",
      { for: "1h", injections: [{ type: "nuke" } as never] },
      '{"type":"nuke"} is not a fault: its type should be one of kill, hang,'
    ],
    [
      "a fault whose time is not a number",
      { for: "1h", injections: [{ type: "kill", path: "db", at: "3s" as never }] },
      "its time, at, should be a number of milliseconds."
    ],
    [
      "a fault after the end",
      { for: "1h", injections: [faults.kill("db", { at: "2h" })] },
      "the kill of db at 2h comes after the end of the rehearsal, which is at 1h."
    ],
    [
      "an outage without a length",
      { for: "1h", injections: [{ type: "outage", path: "db" } as never] },
      "its length, forMs, should be a number of milliseconds."
    ],
    [
      "a jump that is not a number",
      { for: "1h", injections: [faults.clockJump({ byMs: Number.NaN })] },
      "its jump, byMs, should be a number of milliseconds."
    ],
    ["no distribution", { for: "1h", behaviours: [{ path: "db", lifetime: "30s" as never }] }, "lifetime should be made with times"],
    ["more than all", { for: "1h", behaviours: [{ path: "db", failedStarts: 5 }] }, "failedStarts should be a share from 0 to 1."],
    ["half a seed", { for: "1h", seed: 0.5 }, "the seed is 0.5, and should be a whole number from 0 to 4294967295."],
    ["a negative seed", { for: "1h", seed: -1 }, "the seed is -1"],
    ["no number", { for: Number.NaN }, "the length of the rehearsal is NaN"]
  ]
  for (const [name, options, sentence] of cases) {
    it(name, () => {
      expect(() => simulate(shop, options)).toThrow(BadRehearsal)
      expect(() => simulate(shop, options)).toThrow(sentence)
    })
  }
  it("a distribution", () => {
    expect(() => times.weibull("1s", 0)).toThrow("the shape of weibull is 0")
    expect(() => times.samples([])).toThrow("there are no samples")
  })
})
