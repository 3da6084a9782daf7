/** A policy that would change nothing is refused, and says why, so that no tree is compared with itself. */
import { describe, expect, it } from "vitest"
import { pool, supervisor, worker } from "../../src/index.ts"
import { BadRehearsal, type Policy, vary } from "../../src/testing.ts"

const db = worker({ id: "db", start: ["db"] })
const shop = supervisor({
  id: "shop",
  children: [
    db,
    worker({ id: "dbcopy", start: ["db"] }),
    pool({ id: "jobs", size: 3, child: worker({ id: "job", start: ["job"] }) }),
    pool({ id: "tenants", size: 2, child: supervisor({ id: "tenant", children: [db] }) })
  ]
})

describe("is refused", () => {
  const cases: ReadonlyArray<[Policy, at: string, sentence: string]> = [
    [{ intensity: 1 }, "db", "/shop/db is a worker: it has no intensity."],
    [{ period: "1m" }, "/shop/db", "/shop/db is a worker: it has no period."],
    [{ backoff: { type: "constant", delay: "1s" }, boot: "retry" }, "db", "/shop/db is a worker: it has no boot."],
    [{ strategy: "OneForAll" }, "jobs", "/shop/jobs is a pool: it has no strategy."],
    [{ intensity: 1 }, "jobs/*", "/shop/jobs/* is a worker: it has no intensity."],
    [{ intensity: 1 }, "db*", "db* matches 2 nodes, and none of them has intensity."],
    [{ breaker: {} }, "db", "/shop/db is a worker: it has no breaker."],
    [{ breaker: null }, "jobs", "there is no breaker at jobs to remove."],
    [{ startGate: { rate: 5 } }, "jobs", "only the root can have a startGate, not /shop/jobs."],
    [{ startGate: null }, "/shop", "there is no startGate at /shop to remove."],
    [{ heartbeat: { convict: 12 } }, "db", "/shop/db is a worker: it has no heartbeat."],
    [{ heartbeat: { convict: 12 } }, "tenants", "none of the workers at tenants has a heartbeat."],
    [{ backoff: { type: "constant", delay: "1s" } }, "jobs/2", "instances of a pool are alike: vary /shop/jobs."],
    [{ backoff: { type: "constant", delay: "1s" } }, "/shop/jobs/1", "instances of a pool are alike: vary /shop/jobs."],
    [{ backoff: { type: "constant", delay: "1s" } }, "tenants/2/db", "instances of a pool are alike: vary /shop/tenants/*/db."]
  ]
  for (const [policy, at, sentence] of cases)
    it(`${Object.keys(policy).join(" and ")} of ${at}`, () => {
      expect(() => vary(shop, policy, at)).toThrow(BadRehearsal)
      expect(() => vary(shop, policy, at)).toThrow(sentence)
    })
})

it("is set where a node below has it: a pool of supervisors has a strategy below it", () => {
  const { children } = vary(shop, { strategy: "OneForAll" }, "tenants") as typeof shop
  expect(children[3]).toEqual({ ...shop.children[3], child: { ...supervisor({ id: "tenant", children: [db] }), strategy: "OneForAll" } })
  expect(children.slice(0, 3)).toEqual(shop.children.slice(0, 3))
})

it("escalates under OneForAll, where no child can fail alone", () => {
  const failing = { ...shop, onIntensity: "failChild" } as const
  expect(vary(failing, { strategy: "OneForAll" }, "shop")).not.toHaveProperty("onIntensity")
  expect(vary(failing, { strategy: "RestForOne" }, "shop")).toHaveProperty("onIntensity", "failChild")
})

it("of all instances is set in their template", () => {
  const { children } = vary(shop, { backoff: { type: "constant", delay: "1s" } }, "tenants/*/db") as typeof shop
  expect(children[3]).toMatchObject({ child: { children: [{ backoff: { delay: "1s" } }] } })
  expect(children[0]).toEqual(db)
})

it("a breaker is set where siblings are independent, a gate at the root, and of a heartbeat only the named fields", () => {
  const beats = worker({ id: "beats", start: ["beats"], heartbeat: { every: "1s", grace: "2s" } })
  const inner = supervisor({ id: "inner", strategy: "RestForOne", children: [beats] })
  const before = supervisor({ id: "root", children: [db, inner, pool({ id: "jobs", size: 2, child: beats })] })
  const policy = { breaker: { failures: 7 }, startGate: { rate: 3 }, heartbeat: { convict: 12 } } as const
  const changed = { ...beats, heartbeat: { every: "1s", grace: "2s", convict: 12 } } as const
  const after = supervisor({
    ...before,
    ...{ breaker: policy.breaker, startGate: policy.startGate },
    children: [db, { ...inner, children: [changed] }, pool({ id: "jobs", size: 2, child: changed, breaker: policy.breaker })]
  })
  expect(vary(before, policy)).toEqual(after)
  expect(vary(after, { breaker: null, startGate: null, heartbeat: { convict: 8 } })).toEqual(vary(before, { heartbeat: { convict: 8 } }))
  const { breaker, startGate } = vary(after, { breaker: { share: 0.9 }, startGate: { burst: 2 } })
  expect({ breaker, startGate }).toEqual({ breaker: { failures: 7, share: 0.9 }, startGate: { rate: 3, burst: 2 } })
})

it("a breaker is refused where siblings restart together, unless the strategy changes too", () => {
  const together = supervisor({ id: "root", strategy: "RestForOne", children: [db] })
  const breaker = { failures: 7 }
  expect(() => vary(together, { breaker })).toThrow(
    "only siblings that restart independently can have a breaker, and there are none at /root."
  )
  expect(vary(together, { breaker, strategy: "OneForOne" })).toEqual({ ...together, strategy: "OneForOne", breaker })
})

it("a policy without settings gives the same tree", () => expect(vary(shop, {}, "db")).toEqual(shop))
