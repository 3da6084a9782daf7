import { expect, it } from "vitest"
import { describeTree } from "../../src/cli/check/describe.ts"
import {
  constant,
  exec,
  fd,
  file,
  http,
  line,
  linear,
  log,
  notify,
  pool,
  running,
  sql,
  supervisor,
  tcp,
  unix,
  worker
} from "../../src/tree/constructors.ts"
import { decodeTreeOrThrow } from "../../src/tree/decode.ts"
import type { TreeSpec } from "../../src/tree/Spec.ts"

const described = (spec: TreeSpec) => `\n${describeTree(decodeTreeOrThrow(spec))}\n`

it("a small tree is described in two lines", () => {
  expect(described(supervisor({ id: "hello", children: [worker({ id: "clock", start: ["node", "clock.js"] })] }))).toBe(`
hello     supervisor  OneForOne · 5 restarts in 30 seconds
└─ clock  worker      node clock.js · permanent
`)
})

it("logs are described where something is said about them", () => {
  const logs = { size: "1 MiB", keep: 3, total: "2 MiB", maxAge: "1 day", whenFull: "drop", compress: false } as const
  const quiet = worker({ id: "quiet", start: ["quiet"], logs: false })
  expect(described(supervisor({ id: "hello", logs, children: [quiet, worker({ id: "web", start: ["web"], logs: true })] }))).toBe(`
hello     supervisor  OneForOne · 5 restarts in 30 seconds
│                     logs 3 × 1 MiB, 2 MiB in all, each of at most 1 day, not compressed, drops when full
├─ quiet  worker      quiet · permanent · without logs
└─ web    worker      web · permanent · logs 5 × 10 MiB
`)
})

it("settings that are not the default are printed, in a hundred columns", () => {
  const text = described(
    supervisor({
      id: "shop",
      strategy: "RestForOne",
      children: [
        worker({ id: "db", start: ["postgres", "-D", "data"], ready: line("ready to accept"), shutdown: "30 seconds" }),
        worker({ id: "migrate", start: ["node", "migrate.js"], restart: "transient", ready: "exited" }),
        worker({
          id: "web",
          start: ["sh", "-c", "node web.js | tee log"],
          cwd: "web",
          env: { PORT: "3000", DEBUG: null },
          stopSignal: "SIGINT",
          backoff: constant({ delay: "1s" })
        }),
        pool({
          id: "jobs",
          size: 4,
          max: 8,
          child: worker({ id: "job", start: ["node", "job.js"], shutdown: "brutalKill", successCodes: [0, 3] })
        }),
        supervisor({
          id: "extra",
          restart: "transient",
          intensity: 1,
          autoShutdown: "anySignificant",
          boot: "retry",
          children: [
            worker({
              id: "x",
              start: ["x"],
              ready: fd(),
              restart: "temporary",
              significant: true,
              backoff: linear({ jitter: 0 }),
              shutdown: "infinity"
            })
          ]
        })
      ]
    })
  )
  expect(text).toBe(`
shop        supervisor  RestForOne · 5 restarts in 30 seconds
├─ db       worker      postgres -D data · permanent · ready on /ready to accept/ within 30 seconds
│                       30 seconds to stop
├─ migrate  worker      node migrate.js · transient · ready when done
├─ web      worker      sh -c 'node web.js | tee log' · permanent · in web · env PORT -DEBUG
│                       stopped by SIGINT · waits 1 second
├─ jobs     pool of 4   8 restarts in 30 seconds · at most 8
│  └─ job   worker      node job.js · permanent · success is 0, 3 · killed at once
└─ extra    supervisor  OneForOne · 1 restart in 30 seconds · transient · ends with any significant
   │                    retries at boot
   └─ x     worker      x · temporary · ready on fd 3 within 30 seconds · significant
                        any time to stop · waits 100 millis + 100 millis up to 30 seconds, jitter 0
`)
  expect(Math.max(...text.split("\n").map((row) => row.length))).toBeLessThanOrEqual(100)
})

it("readiness and heartbeats by sd_notify", () => {
  const web = worker({ id: "web", start: ["web"], ready: notify(), heartbeat: { every: "1s", from: "notify" } })
  expect(described(supervisor({ id: "shop", children: [web] }))).toBe(`
shop    supervisor  OneForOne · 5 restarts in 30 seconds
└─ web  worker      web · permanent · ready on sd_notify within 30 seconds
                    heartbeat on sd_notify every 1 second
`)
})

it("a command is shortened, and its secrets stay in the environment", () => {
  expect(described(pool({ id: "jobs", size: 1, child: worker({ id: "job", start: ["x".repeat(200)], env: { TOKEN: "secret" } }) }))).toBe(`
jobs    pool of 1  5 restarts in 30 seconds
└─ job  worker     ${"x".repeat(59)}… · permanent
                   env TOKEN
`)
})

it("probes are described in a few words, without secrets", () => {
  const text = described(
    supervisor({
      id: "shop",
      children: [
        worker({ id: "db", start: ["db"], ready: sql("postgres://shop:secret@db/shop"), health: exec(["pg_isready", "-q"]) }),
        worker({
          id: "web",
          start: ["web"],
          ready: http("http://localhost:3000/ready?token=secret", { headers: { Authorization: "secret" } }),
          health: [
            tcp(3000, { interval: "1s", timeout: "2s", initialDelay: "5s", failureThreshold: 1, successThreshold: 2 }),
            running({ memory: "512 MiB", cpu: 1.5 }),
            log("served", { maxAge: "1m", onFailure: "report" }),
            unix("web.sock", { send: "secret" })
          ],
          heartbeat: { every: "1s" }
        }),
        worker({
          id: "job",
          start: ["job"],
          health: file("beat", { maxAge: "10s" }),
          heartbeat: { every: "1s", from: tcp(80, { host: "job" }), model: "normal", convict: 12, hangAfter: "1m" }
        })
      ]
    })
  )
  expect(text).not.toContain("secret")
  expect(text).toBe(`
shop    supervisor  OneForOne · 5 restarts in 30 seconds
├─ db   worker      db · permanent · ready on postgres://shop:***@db/shop within 30 seconds
│                   health \`pg_isready -q\` every 10 seconds
├─ web  worker      web · permanent · ready on http://localhost:3000/ready?… within 30 seconds
│                   health port 3000 every 1 second, after 5 seconds, timeout 2 seconds, fails at 1, well at 2
│                   health its process within 512 MiB and 1.5 cores every 10 seconds
│                   health /served/ in the last 1 minute every 10 seconds, only shown
│                   health socket web.sock every 10 seconds · heartbeat on fd every 1 second
└─ job  worker      job · permanent · health file beat of the last 10 seconds every 10 seconds
                    heartbeat on port 80 of job every 1 second, normal, phi 3 and 12, hangs after 1 minute
`)
})
