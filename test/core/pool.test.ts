/**
 * An event costs the same in a pool of ten thousand as in one of ten: no event of an instance walks over all of them.
 */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import type { Event } from "../../src/core/Event.ts"
import { make, step } from "../../src/core/Machine.ts"
import type { ChildState, TreeState } from "../../src/core/State.ts"
import { constant, pool, supervisor, worker } from "../../src/tree/constructors.ts"
import { decodeChildResult, decodeTreeOrThrow } from "../../src/tree/decode.ts"

const size = 10_000
const spec = pool({
  id: "jobs",
  size,
  intensity: size,
  child: worker({ id: "job", start: ["true"], backoff: constant({ delay: "10ms", jitter: 0 }) })
})

/** Counts every step of every walk over the pool's children, `toStop` and `toStart`. */
function watchWalks(tree: TreeState): () => number {
  const sup = tree.supervisors.get("/jobs")!
  let steps = 0
  const counted = function* <A>(items: Iterable<A>) {
    for (const item of items) {
      steps++
      yield item
    }
  }
  const values = () => Map.prototype.values.call(sup.children) as Iterable<ChildState>
  Object.assign(sup.children, {
    values: () => counted(values()),
    [Symbol.iterator]: () => counted(Map.prototype.entries.call(sup.children))
  })
  for (const set of [sup.toStop, sup.toStart, sup.bootWaitsFor]) {
    Object.assign(set, {
      [Symbol.iterator]: () => counted(Set.prototype.values.call(set)),
      values: () => counted(Set.prototype.values.call(set))
    })
  }
  return () => steps
}

describe("a pool of ten thousand", () => {
  const tree = make(decodeTreeOrThrow(spec))
  let now = 0
  const send = (event: Event) => step(tree, event, now)
  const instance = (n: number, incarnation: number) => ({ path: `/jobs/${n}`, incarnation })
  send({ _tag: "Boot" })
  const walked = watchWalks(tree)

  it("boots without a walk when an instance is ready", () => {
    const actions = Array.from({ length: size }, (_, n) => send({ _tag: "Ready", ...instance(n + 1, 1) })).flat()
    expect(actions.filter((action) => action._tag === "News" && action.news._tag === "Started")).toHaveLength(size + 1)
    expect(walked()).toBe(0)
  })

  it("restarts an instance without a walk", () => {
    for (let n = 1; n <= 500; n++) send({ _tag: "Exited", ...instance(n, 1), exit: { _tag: "Code", code: 1 } })
    now = 10
    for (let n = 1; n <= 500; n++) {
      const [, spawn] = send({ _tag: "Wake", ...instance(n, 1), purpose: "backoff" })
      expect(spawn).toMatchObject({ _tag: "Spawn", ...instance(n, 2) })
      send({ _tag: "Ready", ...instance(n, 2) })
    }
    expect(walked()).toBe(0)
  })

  it("removes and adds single instances without a walk", () => {
    for (let n = 1000; n < 1100; n++) {
      send({ _tag: "Call", path: "/jobs", ticket: n, request: { _tag: "terminateChild", id: String(n) } })
      send({ _tag: "Exited", ...instance(n, 1), exit: { _tag: "Signal", signal: "SIGTERM" } })
      send({ _tag: "Call", path: "/jobs", ticket: 2 * n, request: { _tag: "startInstance", argv: [] } })
    }
    expect(walked()).toBe(0)
    expect(tree.supervisors.get("/jobs")!.children.size).toBe(size)
  })

  it("stops with one walk, and none for each exit", () => {
    send({ _tag: "Stop" })
    const once = walked()
    expect(once).toBeLessThanOrEqual(2 * size)
    const alive = [...Map.prototype.values.call(tree.supervisors.get("/jobs")!.children)] as ReadonlyArray<ChildState>
    const last = alive.flatMap(({ path, record }) =>
      send({ _tag: "Exited", path, incarnation: record.incarnation, exit: { _tag: "Signal", signal: "SIGTERM" } })
    )
    expect(last.at(-1)).toMatchObject({ _tag: "Finish" })
    expect(walked() - once).toBeLessThanOrEqual(size)
  })
})

describe("records of removed children are bounded", () => {
  it("keeps ten thousand of a hundred thousand removed children, and numbers do not go back", () => {
    const spec = { ...worker({ id: "t", start: ["true"], restart: "temporary" }) }
    const tree = make(decodeTreeOrThrow(supervisor({ id: "root", children: [] })))
    const child = (id: string) => ({ ...Result.getOrThrow(decodeChildResult(spec, { path: "/root", kind: "supervisor" })), id })
    step(tree, { _tag: "Boot" }, 0)
    const run = (id: string, ticket: number): number => {
      const actions = step(tree, { _tag: "Call", path: "/root", ticket, request: { _tag: "startChild", spec: child(id) } }, ticket)
      const { incarnation } = actions.find((action) => action._tag === "Spawn")!
      step(tree, { _tag: "Exited", path: `/root/${id}`, incarnation, exit: { _tag: "Code", code: 0 } }, ticket)
      return incarnation
    }
    for (let n = 1; n <= 5; n++) expect(run("first", n)).toBe(n)
    for (let n = 10; n < 25_000; n++) run(`c${n}`, n)
    expect(tree.record.below.size).toBeLessThanOrEqual(10_001)
    expect(run("first", 30_000)).toBeGreaterThan(5)
  })
})
