import { expect, it } from "vitest"
import { describeTree } from "../../src/cli/check/describe.ts"
import { constant, fd, line, linear, pool, supervisor, worker } from "../../src/spec/constructors.ts"
import { decodeTreeOrThrow } from "../../src/spec/decode.ts"
import type { TreeSpec } from "../../src/spec/Spec.ts"

const described = (spec: TreeSpec) => `\n${describeTree(decodeTreeOrThrow(spec))}\n`

it("a small tree is described in two lines", () => {
  expect(described(supervisor({ id: "hello", children: [worker({ id: "clock", start: ["node", "clock.js"] })] }))).toBe(`
hello     supervisor  OneForOne · 5 restarts in 30 seconds
└─ clock  worker      node clock.js · permanent
`)
})

it("what is not the default is said, in a hundred columns", () => {
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

it("a command is shortened, and its secrets stay in the environment", () => {
  expect(described(pool({ id: "jobs", size: 1, child: worker({ id: "job", start: ["x".repeat(200)], env: { TOKEN: "secret" } }) }))).toBe(`
jobs    pool of 1  5 restarts in 30 seconds
└─ job  worker     ${"x".repeat(59)}… · permanent
                   env TOKEN
`)
})
