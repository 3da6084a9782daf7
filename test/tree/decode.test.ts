import { isDeepStrictEqual } from "node:util"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import {
  adaptive,
  breaker,
  exec,
  exponential,
  file,
  http,
  line,
  linear,
  log,
  pool,
  running,
  sql,
  supervisor,
  tcp,
  unix,
  worker
} from "../../src/tree/constructors.ts"
import { decodeChild, decodeChildResult, decodeTree, decodeTreeOrThrow, decodeTreeResult, encodeTree } from "../../src/tree/decode.ts"
import { longestDuration } from "../../src/tree/duration.ts"
import type { Heartbeat, HttpCheck } from "../../src/tree/Probe.ts"
import { BadTree } from "../../src/tree/problems/BadTree.ts"
import type { Child, Pool, Tree } from "../../src/tree/Spec.ts"
import * as Schema from "../../src/tree/schema/Schema.ts"

const decoded = (input: unknown): Tree => decodeTreeOrThrow(input)
const web = worker({ id: "web", start: ["node", "web.js"] })
const backoff = { type: "exponential", initial: 100, factor: 2, cap: 30_000, jitter: 0.2, forgetAfter: 30_000 }

describe("defaults", () => {
  it("of a supervisor and a worker are as documented", () => {
    expect(decoded(supervisor({ id: "shop", children: [web] }))).toStrictEqual({
      type: "supervisor",
      id: "shop",
      strategy: "OneForOne",
      intensity: 5,
      period: 30_000,
      autoShutdown: "never",
      bootConcurrency: 1,
      shutdown: "infinity",
      restart: "permanent",
      boot: "strict",
      onIntensity: "failChild",
      retryAfter: 60_000,
      significant: false,
      backoff,
      needs: [],
      children: [
        {
          type: "worker",
          id: "web",
          start: ["node", "web.js"],
          cwd: ".",
          env: {},
          restart: "permanent",
          significant: false,
          shutdown: 5000,
          stopSignal: "SIGTERM",
          stopTo: "group",
          stdin: "null",
          successCodes: [0],
          ready: { type: "spawned" },
          startTimeout: "infinity",
          health: [],
          backoff,
          needs: []
        }
      ]
    })
  })

  it("of a pool are those of a supervisor; where its limit is that of all instances together, it has room for two restarts of each", () => {
    const { child: _, ...limits } = decoded(pool({ id: "jobs", size: 4, child: web })) as Extract<Tree, { type: "pool" }>
    expect(limits).toStrictEqual({
      type: "pool",
      id: "jobs",
      size: 4,
      max: 10_000,
      intensity: 5,
      period: 30_000,
      shutdown: "infinity",
      restart: "permanent",
      boot: "strict",
      onIntensity: "failChild",
      retryAfter: 60_000,
      significant: false,
      backoff,
      needs: []
    })
    const escalating = (size: number) => decoded(pool({ id: "jobs", size, child: web, onIntensity: "escalate" })).intensity
    expect([2, 4].map(escalating)).toEqual([5, 8])
    const inner = decoded(supervisor({ id: "r", children: [pool({ id: "jobs", size: 4, child: web })] })) as Extract<
      Tree,
      { type: "supervisor" }
    >
    expect(inner.children[0]).toMatchObject({ onIntensity: "escalate", intensity: 8 })
    expect(decoded(pool({ id: "jobs", size: 400, intensity: 1, child: web })).intensity).toBe(1)
  })

  it("of the start timeout depend on readiness", () => {
    const timeout = (spec: object) => child({ ...web, ...spec }).startTimeout
    expect(timeout({ ready: line("up") })).toBe(30_000)
    expect(timeout({ ready: { type: "fd" } })).toBe(30_000)
    expect(timeout({ ready: { type: "notify" } })).toBe(30_000)
    expect(timeout({ ready: tcp(5432) })).toBe(30_000)
    expect(timeout({ ready: "spawned" })).toBe("infinity")
    expect(timeout({ ready: "exited", restart: "transient" })).toBe("infinity")
    expect(timeout({ ready: line("up"), startTimeout: "infinity" })).toBe("infinity")
    expect(timeout({ ready: "exited", restart: "transient", startTimeout: "1 minute" })).toBe(60_000)
  })

  it("of probes", () => {
    const times = { timeout: 1000, interval: 10_000, initialDelay: 0, successThreshold: 1, failureThreshold: 3, onFailure: "restart" }
    const health = (...probes: ReadonlyArray<unknown>) => child({ ...web, health: probes }).health
    expect(health(http("http://a/"))).toStrictEqual([
      { type: "http", url: "http://a/", method: "GET", headers: {}, status: { from: 200, to: 399 }, insecure: false, ...times }
    ])
    expect(health(http("http://a/", { status: 204 }))).toMatchObject([{ status: { from: 204, to: 204 } }])
    expect(
      health(tcp(80), unix("s"), exec(["true"]), file("f"), running(), sql("postgres://a/"), log("ok", { maxAge: "1m" }))
    ).toStrictEqual([
      { type: "tcp", port: 80, host: "127.0.0.1", ...times },
      { type: "unix", path: "s", ...times },
      { type: "exec", command: ["true"], codes: [0], ...times },
      { type: "file", path: "f", ...times },
      { type: "process", ...times },
      { type: "sql", url: "postgres://a/", query: "select 1", ...times },
      { type: "log", pattern: "ok", maxAge: 60_000, ...times }
    ])
    expect(health(running({ memory: "1.5KiB", cpu: 0.5, onFailure: "report" }))).toMatchObject([{ memory: 1536, onFailure: "report" }])
    expect(child({ ...web, health: tcp(80) }).health).toStrictEqual(health(tcp(80)))
    const { onFailure: _, ...ready } = { ...times, interval: 500 }
    expect(child({ ...web, ready: tcp(80) }).ready).toStrictEqual({ type: "tcp", port: 80, host: "127.0.0.1", ...ready })
  })

  it("of a heartbeat", () => {
    const beat = (spec: object) => child({ ...web, heartbeat: spec }).heartbeat
    const usual = { model: "hybrid", suspect: 3, convict: 8, grace: 500, hangAfter: 30_000, startupGrace: 30_000 }
    expect(beat({ every: "1s" })).toStrictEqual({ every: 1000, from: { type: "fd" }, ...usual })
    expect(beat({ every: "1s", from: "notify" })).toStrictEqual({ every: 1000, from: { type: "notify" }, ...usual })
    expect(beat({ every: "1m" })).toMatchObject({ hangAfter: 600_000, startupGrace: 600_000 })
    expect(beat({ every: "1s", hangAfter: "5s" })).toMatchObject({ hangAfter: 5000, startupGrace: 5000 })
    expect(beat({ every: "1s", startupGrace: "0s", from: file("beat") })).toMatchObject({
      from: { type: "file", path: "beat", timeout: 1000 },
      hangAfter: 30_000,
      startupGrace: 0
    })
    expect(beat({ every: "3000 days" })).toMatchObject({ hangAfter: longestDuration - 1 })
    expect("heartbeat" in child(web)).toBe(false)
  })

  it("of the backoffs", () => {
    const paced = (how: object) => child({ ...web, backoff: how }).backoff
    expect(paced(exponential())).toStrictEqual(backoff)
    expect(paced(linear())).toStrictEqual({ type: "linear", initial: 100, step: 100, cap: 30_000, jitter: 0.2, forgetAfter: 30_000 })
    expect(paced(linear({ initial: "2s" }))).toMatchObject({ initial: 2000, step: 2000 })
    expect(paced({ type: "constant", delay: "1s" })).toStrictEqual({ type: "constant", delay: 1000, jitter: 0.2, forgetAfter: 30_000 })
    const pace = { min: 100, max: 60_000, factor: 2, halfLife: 30_000, jitter: 0.5, pressure: 1, startRate: 10 }
    expect(paced(adaptive())).toStrictEqual({ type: "adaptive", ...pace })
  })

  it("of logs; none where nothing is said", () => {
    const usual = { size: 10 * 1024 * 1024, keep: 5, whenFull: "block", compress: true }
    const logsOf = (logs: object | boolean) => decoded({ type: "supervisor", id: "s", logs, children: [web] })
    expect(logsOf(true)).toMatchObject({ logs: usual })
    expect(logsOf({})).toMatchObject({ logs: usual })
    expect(logsOf({ total: "1 GiB", maxAge: "1 day" })).toMatchObject({ logs: { ...usual, total: 2 ** 30, maxAge: 86_400_000 } })
    expect(logsOf(false)).toMatchObject({ logs: false })
    expect((logsOf(false) as Extract<Tree, { type: "supervisor" }>).children[0]).not.toHaveProperty("logs")
  })

  it("of breakers and start gates", () => {
    const group = decoded(pool({ id: "jobs", size: 1, child: web, breaker: breaker(), startGate: {} }))
    const times = { within: 10_000, probeEvery: 5000, stable: 2000, release: 5000, giveUpAfter: 60_000 }
    expect(group.breaker).toStrictEqual({ failures: 5, share: 0.5, ...times })
    expect(group.startGate).toStrictEqual({ rate: 10, burst: 10, starting: 1_000_000 })
  })

  const child = (spec: object) =>
    Result.getOrThrow(decodeChildResult(spec, { path: "/shop", kind: "supervisor" })) as Extract<Child, { type: "worker" }>
})

describe("decoding", () => {
  it("names the place of an added child", async () => {
    const within = { path: "/shop/inner", kind: "supervisor", autoShutdown: "anySignificant" } as const
    const bad = await Effect.runPromise(Effect.flip(decodeChild({ ...web, restart: "sometimes" }, within)))
    expect(bad).toBeInstanceOf(BadTree)
    expect(bad.message).toBe(
      'the child is not a tree I can run: 1 problem.\n  /shop/inner/web  restart: found "sometimes", expected "permanent", "transient" or "temporary".'
    )
    const significant = { ...web, significant: true, restart: "transient" }
    expect(Result.isSuccess(decodeChildResult(significant, within))).toBe(true)
    expect(Result.isSuccess(decodeChildResult(significant, { ...within, autoShutdown: "never" }))).toBe(false)
    expect(Result.isSuccess(decodeChildResult(significant, { path: "/jobs", kind: "pool" }))).toBe(false)
  })

  it("lists fifty problems, and counts the others", async () => {
    const children = Array.from({ length: 60 }, (_, index) => worker({ id: `w${index}`, start: [""] }))
    const { message, problems } = await Effect.runPromise(Effect.flip(decodeTree(supervisor({ id: "many", children }), "many.ts")))
    const lines = message.split("\n")
    expect(lines[0]).toBe("many.ts is not a tree I can run: 60 problems.")
    expect(lines.at(-1)).toBe("  and 10 more.")
    expect(lines).toHaveLength(52)
    expect(problems[59]).toStrictEqual({ path: "/many/w59.start[0]", found: '""', expected: "the name or path of a program" })
  })

  it("accepts a thousand children, and shares nothing with the input", () => {
    const spec = supervisor({ id: "many", children: Array.from({ length: 1000 }, (_, index) => ({ ...web, id: `w${index}` })) })
    const tree = decoded(spec) as Extract<Tree, { type: "supervisor" }>
    expect(tree.children).toHaveLength(1000)
    expect(tree.children[0]).not.toBe(spec.children[0])
  })

  it("keeps a variable called __proto__ a variable", () => {
    const tree = decoded(
      JSON.parse('{"type":"supervisor","id":"x","children":[{"type":"worker","id":"w","start":["x"],"env":{"__proto__":"1"}}]}')
    )
    expect(JSON.stringify(tree)).toContain('"env":{"__proto__":"1"}')
  })

  it("survives objects that throw when read", () => {
    const throwing = {
      ...web,
      get cwd(): string {
        throw new Error("no")
      }
    }
    const decoded = decodeTreeResult(supervisor({ id: "x", children: [throwing] }))
    expect(Result.isFailure(decoded) && decoded.failure.message).toBe(
      "the tree is not a tree I can run: 1 problem.\n  /x/children[0]: found an object that throws when it is read, expected plain data."
    )
  })
})

describe("encoding", () => {
  it("writes what a person would have written, with every field", () => {
    const encoded = encodeTree(decoded(supervisor({ id: "shop", children: [{ ...web, ready: line("up"), shutdown: "90s" }] })))
    expect(encoded).toMatchObject({ period: "30 seconds", shutdown: "infinity", boot: "strict" })
    expect("children" in encoded && encoded.children[0]).toMatchObject({
      shutdown: "90 seconds",
      ready: { type: "line", pattern: "up" },
      startTimeout: "30 seconds",
      backoff: { type: "exponential", initial: "100 millis", factor: 2, cap: "30 seconds", jitter: 0.2, forgetAfter: "30 seconds" }
    })
  })

  it("and decoding again gives the same tree, for any tree", async () => {
    const seed = process.env.SEED ?? Math.floor(Math.random() * 2 ** 32)
    const property = (tree: Child) => {
      const again = decodeChildResult(encodeTree(tree as Tree), { path: "/shop", kind: "supervisor", autoShutdown: "anySignificant" })
      // The clone is what JSON would give: generated objects have no prototype.
      return Result.isSuccess(again) && isDeepStrictEqual(again.success, structuredClone(tree))
    }
    const options = {
      runs: Number(process.env.RUNS ?? 300),
      seed,
      ...(process.env.REPLAY === undefined ? {} : { replay: process.env.REPLAY })
    }
    const result = await Effect.runPromise(
      Arbitrary.checkEffect(Arbitrary.schema(Schema.Child).pipe(Arbitrary.map(withRules)), property, options)
    )
    const again = `Run it again: SEED=${seed} npx vitest run test/tree/decode.test.ts (or with REPLAY, see below)`
    expect(result._tag, `${again}\n${Arbitrary.formatCheckFailure(result)}`).toBe("Passed")
  })
})

/** The schema knows single fields; a random tree must also keep the rules between them. */
const withRules = (node: Child): Child => {
  const { backoff } = node
  const paced = backoff.type === "adaptive" ? { ...backoff, max: Math.max(backoff.min, backoff.max) } : backoff
  const common = { significant: node.significant && node.restart !== "permanent", backoff: paced, needs: [] }
  switch (node.type) {
    case "worker": {
      const ready = node.restart === "permanent" && node.ready.type === "exited" ? { type: "spawned" as const } : inRange(node.ready)
      const heartbeat = node.heartbeat === undefined ? {} : { heartbeat: beating(node.heartbeat) }
      return { ...node, ...common, ready, health: node.health.map(inRange), ...heartbeat }
    }
    case "supervisor": {
      const children = node.children.map((child, index) => ({ ...withRules(child), id: `${child.id}-${index}` }))
      const heeded = node.autoShutdown === "never" ? children.map((child) => ({ ...child, significant: false })) : children
      const { breaker, startGate: _, ...rest } = node
      const trips = node.strategy === "OneForOne" && breaker !== undefined ? { breaker } : {}
      const onIntensity = node.strategy === "OneForAll" ? "escalate" : node.onIntensity
      const bootConcurrency = node.strategy === "OneForOne" ? node.bootConcurrency : 1
      return { ...rest, ...common, ...trips, onIntensity, bootConcurrency, children: heeded }
    }
    case "pool":
      return {
        ...withoutGate(node),
        ...common,
        size: Math.min(node.size, node.max),
        child: { ...withRules(node.child), significant: false }
      }
  }
}

const withoutGate = ({ startGate: _, ...pool }: Pool): Pool => pool

const inRange = <T extends { readonly type: string }>(check: T): T => {
  if (check.type !== "http") return check
  const { body: _, ...http } = check as T & HttpCheck
  const { from, to } = http.status
  return { ...http, method: "GET", status: { from: Math.min(from, to), to: Math.max(from, to) } } as unknown as T
}

const beating = (heartbeat: Heartbeat): Heartbeat => {
  const { from, every, suspect, hangAfter } = heartbeat
  return { ...heartbeat, from: inRange(from), convict: suspect + 1, hangAfter: Math.max(hangAfter, every + 1) }
}

// ---------------------------------------------------------------- types

// A misspelt key must not compile.
// @ts-expect-error
worker({ id: "web", start: ["web"], comand: "x" })
// @ts-expect-error
supervisor({ id: "shop", children: [], stratgey: "OneForAll" })
// @ts-expect-error
worker({ id: "web", start: ["web"], shutdown: "5 secs" })
// @ts-expect-error
worker({ id: "web", start: ["web"], restart: "always" })
// @ts-expect-error
http("http://localhost", { intervall: "1s" })
// @ts-expect-error
log("ok")
// @ts-expect-error
running({ memory: "512" })
// @ts-expect-error
worker({ id: "web", start: ["web"], heartbeat: { every: "1s", from: { type: "tcp" } } })
worker({ id: "web", start: ["web"], health: [tcp(1)], ready: unix("s"), heartbeat: { every: "1s", from: http("http://localhost") } })
worker({ id: "web", start: ["web"], health: exec(["true"]), heartbeat: { every: "1s", from: line("beat") } })
