/**
 * Reduces a rehearsal that goes wrong to the smallest that still does; and random trees, which are valid and shrink.
 */
import { it as effect } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { pool, supervisor, worker } from "../../src/index.ts"
import { arbitraries, faults, type Rehearsal, type SimulateOptions, shrink, simulate, times } from "../../src/testing.ts"
import { decodeTreeResult } from "../../src/tree/decode.ts"
import type { ChildSpec } from "../../src/tree/Spec.ts"

const names = ["a", "b", "c", "d", "e", "f"]
const tree = supervisor({
  id: "root",
  children: [
    supervisor({ id: "left", children: names.map((id) => worker({ id, start: [id] })) }),
    supervisor({ id: "right", intensity: 1, children: names.map((id) => worker({ id, start: [id] })) }),
    pool({ id: "jobs", size: 20, child: worker({ id: "job", start: ["job"] }) })
  ]
})
const kills = names.flatMap((id, n) => [
  faults.kill(`left/${id}`, { at: 1000 * n + 1 }),
  faults.kill(`right/${id}`, { at: 60_000 * n + 1 })
])
const options: SimulateOptions = {
  for: "1h",
  injections: [
    ...kills,
    faults.kill("right/a", { at: "60001ms" }),
    faults.stall({ at: "5m", for: "3s" }),
    faults.outage("jobs/3", { for: "1m" })
  ],
  behaviours: [{ path: "jobs", lifetime: times.exponential("5m") }]
}
const escalates = ({ escalations }: Rehearsal): boolean => escalations.some(({ path }) => path === "/root/right")

describe("shrinking", () => {
  const found = shrink(tree, options, escalates)!

  it("keeps only the faults it takes, and the workers they are about", () => {
    expect(found.options.injections).toEqual([
      { type: "kill", path: "right/b", at: 60_001 },
      { type: "kill", path: "right/a", at: 60_001 }
    ])
    expect(found.options.behaviours).toEqual([])
    expect(found.tree).toMatchObject({ children: [{ id: "right", children: [{ id: "a" }, { id: "b" }] }] })
    expect(found.options.for).toBe(60_002)
  })

  it("still goes wrong, and nothing more can be left out", () => {
    const { injections = [] } = found.options
    expect(escalates(simulate(found.tree, found.options))).toBe(true)
    for (const [n] of injections.entries()) {
      const fewer = { ...found.options, injections: injections.toSpliced(n, 1) }
      expect(escalates(simulate(found.tree, fewer))).toBe(false)
    }
  })

  it("gives every fault a time, so that it comes at the same time in a smaller tree", () => {
    const hit = ({ workers }: Rehearsal) => (workers.get("/root/jobs/3")?.starts ?? 0) > 2
    const { options: least } = shrink(tree, options, hit)!
    expect(least.injections!.every(({ at }) => at !== undefined)).toBe(true)
  })

  it("returns nothing when nothing is wrong, and stops when its tries are used up", () => {
    expect(shrink(tree, options, () => false)).toBeUndefined()
    expect(shrink(tree, options, () => true, { tries: 5 })!.tries).toBe(5)
  })
})

const count = (node: ChildSpec): number =>
  1 +
  (node.type === "supervisor" ? node.children.reduce((sum, child) => sum + count(child), 0) : node.type === "pool" ? count(node.child) : 0)
const depth = (node: ChildSpec): number =>
  1 + (node.type === "supervisor" ? Math.max(0, ...node.children.map(depth)) : node.type === "pool" ? depth(node.child) : 0)

describe("arbitraries", () => {
  effect.effect("make valid trees, and every kind occurs", () =>
    Effect.gen(function* () {
      const trees = yield* Arbitrary.sampleEffect(arbitraries.tree, { count: 500, seed: 1, size: 40 })
      for (const spec of trees) expect(decodeTreeResult(spec)._tag).toBe("Success")
      const text = JSON.stringify(trees)
      for (const word of [
        "OneForOne",
        "OneForAll",
        "RestForOne",
        "pool",
        "permanent",
        "transient",
        "temporary",
        "exited",
        "brutalKill",
        "anySignificant",
        "retry"
      ])
        expect(text).toContain(`"${word}"`)
      expect(Math.max(...trees.map(depth))).toBeGreaterThanOrEqual(4)
    })
  )

  effect.effect("shrink to the smallest counterexample", () =>
    Effect.gen(function* () {
      const result = yield* Arbitrary.checkEffect(arbitraries.tree, (spec) => count(spec) < 4, { runs: 200, seed: 2, maxShrinks: 2000 })
      expect(result._tag).toBe("Falsified")
      if (result._tag === "Falsified") expect(count(result.shrunkInput)).toBe(4)
    })
  )

  effect.effect("make faults for a tree, in time and of its own nodes, which shrink to one", () =>
    Effect.gen(function* () {
      const all = arbitraries.injections(tree, { for: "5m" })
      const samples = yield* Arbitrary.sampleEffect(all, { count: 100, seed: 3 })
      for (const injections of samples) expect(() => simulate(tree, { for: "5m", injections })).not.toThrow()
      expect(samples.flat().every(({ at }) => at < 300_000)).toBe(true)
      const noKill = (injections: (typeof samples)[number]) => !injections.some(({ type }) => type === "kill")
      const result = yield* Arbitrary.checkEffect(all, noKill, { runs: 200, seed: 4, maxShrinks: 2000 })
      if (result._tag === "Falsified") expect(result.shrunkInput).toEqual([{ type: "kill", path: "/root/jobs/20", at: 0 }])
      else expect.unreachable()
    })
  )
})
