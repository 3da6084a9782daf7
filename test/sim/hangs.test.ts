/** In a simulated world hangs are found when they would be found live, and the same pauses lead to convictions. */
import { describe, expect, it } from "vitest"
import { file, http, supervisor, type WorkerSpec, worker } from "../../src/index.ts"
import { campaign, faults, simulate, timeoutFor, times } from "../../src/testing.ts"

const tree = (more: Partial<WorkerSpec>, intensity = 100) =>
  supervisor({ id: "root", intensity, onIntensity: "escalate", children: [worker({ id: "a", start: ["a"], shutdown: "1s", ...more })] })
const beating = { heartbeat: { every: "1s" } } as const
/** The model after regular beats: a standard deviation of a tenth, and half a second of grace. */
const regular = { kind: "hybrid", mean: 1000, sd: 100, excess: 500 } as const

describe("a hang", () => {
  it("is found by the heartbeat, between the timeout and one beat less", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { workers, restarts } = simulate(tree(beating), { for: "1 minute", seed, injections: [faults.hang("a", { at: "30s" })] })
      const { detectionsMs, falseConvictions } = workers.get("/root/a")!
      expect(detectionsMs).toHaveLength(1)
      expect(detectionsMs[0]).toBeGreaterThanOrEqual(Math.floor(timeoutFor(8, regular) - 1000))
      expect(detectionsMs[0]).toBeLessThanOrEqual(Math.ceil(timeoutFor(8, regular)))
      expect([falseConvictions, restarts]).toEqual([0, 1])
    }
  })

  it.each([
    ["an answer", { health: http("http://localhost/", { interval: "2s", timeout: "1s" }) }, 5000, 7000],
    ["a file", { health: file("beat", { maxAge: "10s", interval: "5s", failureThreshold: 1 }) }, 10_000, 15_000]
  ])("is found by a check for %s", (_, more, least, most) => {
    for (let seed = 0; seed < 20; seed++) {
      const { workers } = simulate(tree(more), { for: "1 minute", seed, injections: [faults.hang("a", { at: "30s" })] })
      const [found] = workers.get("/root/a")!.detectionsMs
      expect(found).toBeGreaterThanOrEqual(least)
      expect(found).toBeLessThanOrEqual(most)
    }
  })

  it("is never found where nothing watches, and counts as down", () => {
    const { workers, availability } = simulate(tree({}), { for: "1 minute", injections: [faults.hang("a", { at: "30s" })] })
    expect(workers.get("/root/a")!.detectionsMs).toEqual([])
    expect(availability).toBeCloseTo(0.5)
  })

  it("that recurs escalates", () => {
    const { ended, escalations } = simulate(tree(beating, 2), {
      for: "1 hour",
      behaviours: [{ path: "a", lifetime: times.constant("1s"), hangs: 1 }]
    })
    expect(ended?.exit).toMatchObject({ _tag: "GaveUp" })
    expect(escalations).toHaveLength(1)
  })

  it("is found when the supervisor runs again, and a pause that is over by then is not noticed", () => {
    const stalled = (fault: Parameters<typeof simulate>[1]["injections"]) =>
      simulate(tree(beating), { for: "2 minutes", injections: [faults.stall({ at: "30s", for: "20s" }), ...fault!] }).workers.get(
        "/root/a"
      )!
    const [found] = stalled([faults.hang("a", { at: "31s" })]).detectionsMs
    expect(found).toBe(19_000)
    expect(stalled([faults.pause("a", { at: "31s", for: "10s" })])).toMatchObject({ starts: 1, falseConvictions: 0 })
  })
})

describe("a pause", () => {
  it("longer than the timeout is mistaken for a hang, and a shorter one is not", () => {
    const one = (length: "1s" | "3s") =>
      simulate(tree(beating), { for: "1 minute", injections: [faults.pause("a", { at: "30s", for: length })] }).workers.get("/root/a")!
    expect(one("1s")).toMatchObject({ starts: 1, falseConvictions: 0 })
    expect(one("1s").upMs).toBe(59_000)
    expect(one("3s")).toMatchObject({ starts: 2, falseConvictions: 1 })
  })

  it("that was recovered from makes the next one tolerated", () => {
    const patient = tree({ heartbeat: { every: "1s", grace: "1500ms" } })
    const pauses = [faults.pause("a", { at: "20s", for: "2900ms" }), faults.pause("a", { at: "40s", for: "4100ms" })]
    const convicted = (injections: typeof pauses) =>
      Array.from({ length: 20 }, (_, seed) => simulate(patient, { for: "1 minute", seed, injections }))
        .map(({ workers }) => workers.get("/root/a")!.falseConvictions)
        .reduce((sum, one) => sum + one, 0)
    expect(convicted(pauses.slice(0, 1))).toBe(0)
    expect(convicted(pauses.slice(1))).toBe(20)
    expect(convicted(pauses)).toBeLessThan(5)
  })

  it("is counted over many runs, beside the hangs", () => {
    const behaviours = [{ path: "a", pauseEvery: times.exponential("5m"), pauseFor: times.exponential("1s") }]
    const world = { for: "1 hour", runs: 20, behaviours, injections: [faults.hang("a")] } as const
    const [eager, patient] = [3, 8].map((convict) => campaign(tree({ heartbeat: { every: "1s", suspect: 1, convict } }), world))
    expect(eager!.falseConvictions.mean).toBeGreaterThan(patient!.falseConvictions.mean)
    expect(eager!.detectionMs!.median).toBeLessThan(patient!.detectionMs!.median)
    expect(patient!.detectionMs!.count).toBe(20)
  })
})
