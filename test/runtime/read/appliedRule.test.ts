/** Settings that were applied, with their values and as people read them. */
import * as Effect from "effect/Effect"
import { breaker, constant, decodeTree, pool, supervisor, tcp, worker } from "supervise"
import { expect, it } from "vitest"
import type { Rule } from "../../../src/core/Decision.ts"
import { appliedRuleOf } from "../../../src/runtime/read/AppliedRule.ts"
import type { Child } from "../../../src/tree/Spec.ts"

const health = [tcp(5432, { interval: "2s", failureThreshold: 4 }), tcp(1)]
const watched = worker({
  ...{ id: "watched", start: ["w"], restart: "transient", significant: true, needs: ["b", "a"] },
  ...{ backoff: constant({ delay: "7s", jitter: 0 }), health, heartbeat: { every: "3s", suspect: 4, convict: 9 } }
})
const bare = worker({ id: "a", start: ["a"] })
const tree = await Effect.runPromise(
  decodeTree(
    supervisor({
      ...{ id: "r", autoShutdown: "anySignificant", intensity: 3, period: "1 minute", onIntensity: "escalate", boot: "retry" },
      ...{ startGate: { rate: 5, burst: 8 }, breaker: breaker({ failures: 6, share: 0.25, within: "9s" }) },
      children: [
        bare,
        worker({ id: "b", start: ["b"] }),
        watched,
        pool({ id: "p", size: 1, onIntensity: "failChild", retryAfter: "5 minutes", child: worker({ id: "c", start: ["c"] }) })
      ]
    })
  )
)
const below = (id: string): Child => (tree.type === "pool" ? tree : tree.children.find((child) => child.id === id)!)
const applied = (key: Rule["key"], path: string, spec: Child | undefined) => appliedRuleOf(tree, undefined, { path, key }, spec)
const words = (key: Rule["key"], id?: string) =>
  applied(key, id === undefined ? "/r" : `/r/${id}`, id === undefined ? tree : below(id)).text

it.each<readonly [Rule["key"], string | undefined, string]>([
  ["restart", "watched", '"transient"'],
  ["restart", undefined, '"permanent"'],
  ["strategy", undefined, "OneForOne"],
  ["strategy", "p", ""],
  ["strategy", "a", ""],
  ["autoShutdown", undefined, '"anySignificant"'],
  ["autoShutdown", "p", ""],
  ["autoShutdown", "a", ""],
  ["needs", "watched", "b, a"],
  ["backoff", "watched", "constant 7s"],
  ["boot", undefined, '"retry"'],
  ["boot", "p", '"strict"'],
  ["boot", "a", ""],
  ["intensity", undefined, "3 in 1m"],
  ["intensity", "a", ""],
  ["onIntensity", undefined, '"escalate"'],
  ["onIntensity", "p", '"failChild", tried again after 5m'],
  ["breaker", undefined, "6 failures, 25 % of all, in 9s"],
  ["breaker", "p", ""],
  ["startGate", undefined, "5 a second, 8 at once"],
  ["startGate", "p", ""],
  ["heartbeat", "watched", "every 3s, suspect at phi 4, dead at 9"],
  ["heartbeat", "a", ""],
  ["heartbeat", undefined, ""],
  ["health", "watched", "tcp every 2s, 4 failures; tcp every 10s, 3 failures"],
  ["health", undefined, ""]
])("%s of %s", (key, id, text) => expect(words(key, id)).toBe(text))

it("the values are data, those of checks without addresses", () => {
  expect(applied("intensity", "/r", tree).value).toEqual({ intensity: 3, period: 60_000 })
  expect(applied("autoShutdown", "/r", tree).value).toBe("anySignificant")
  expect(applied("needs", "/r/watched", below("watched")).value).toEqual(["b", "a"])
  expect(applied("health", "/r/watched", below("watched")).value).toEqual([
    { type: "tcp", interval: 2000, failureThreshold: 4, onFailure: "restart" },
    { type: "tcp", interval: 10_000, failureThreshold: 3, onFailure: "restart" }
  ])
  expect(applied("heartbeat", "/r/watched", below("watched")).value).toMatchObject({ every: 3000, suspect: 4, convict: 9 })
})

it("of a node that is gone only its restart type is known", () => {
  expect(applied("restart", "/r/gone", undefined)).toEqual({ path: "/r/gone", key: "restart", value: "temporary", text: '"temporary"' })
  expect(applied("backoff", "/r/gone", undefined)).toEqual({ path: "/r/gone", key: "backoff", text: "" })
})

it("stands where it was written, and a default where its node begins", () => {
  const places = new Map([["/r/watched", { file: "/tree.ts", line: 3, keys: { restart: 5 } }]])
  const origin = { spec: { id: "r", children: [bare, { id: "b" }, watched] }, places }
  const of = (key: Rule["key"]) => appliedRuleOf(tree, origin, { path: "/r/watched", key }, below("watched"))
  expect(of("restart")).toMatchObject({ site: { file: "/tree.ts", line: 5 }, byDefault: false })
  expect(of("backoff")).toMatchObject({ site: { file: "/tree.ts", line: 3 } })
  expect(appliedRuleOf(tree, origin, { path: "/r/b", key: "restart" }, below("b"))).not.toHaveProperty("site")
})
