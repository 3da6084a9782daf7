/** What is replaced in a tree before it is shown to others, and what is not. */
import * as Result from "effect/Result"
import { pool, supervisor, type TreeSpec, worker } from "supervise"
import { describe, expect, it } from "vitest"
import type { Event, Request } from "../../src/core/Event.ts"
import { entryLine, headerLine } from "../../src/core/Journal.ts"
import { make, step } from "../../src/core/Machine.ts"
import { readJournal, replay } from "../../src/sim/replay.ts"
import { decodeTreeOrThrow, decodeTreeResult, encodeTree } from "../../src/tree/decode.ts"
import { redactSpec } from "../../src/tree/redactSpec.ts"
import type { Pool } from "../../src/tree/Spec.ts"

describe("by field", () => {
  it.each<[string, object, object]>([
    [
      "names",
      { env: { API_KEY: "x", AWS_SECRET: "x", PGPASSWORD: "x", MYSQL_PWD: "x" } },
      { env: { API_KEY: "***", AWS_SECRET: "***", PGPASSWORD: "***", MYSQL_PWD: "***" } }
    ],
    ["others", { env: { PORT: "80", NODE_ENV: "key", TOKEN: null } }, { env: { PORT: "80", NODE_ENV: "key", TOKEN: null } }],
    ["addresses", { env: { DATABASE_URL: "postgres://shop:x@db/shop" } }, { env: { DATABASE_URL: "postgres://shop:***@db/shop" } }],
    [
      "headers",
      { headers: { Authorization: "Bearer x", "X-Api-Key": "x", Accept: "*" } },
      { headers: { Authorization: "***", "X-Api-Key": "***", Accept: "*" } }
    ],
    ["a query", { url: "http://a:x@h:8080/p?token=x&page=2#top" }, { url: "http://a:***@h:8080/p?token=***&page=2#top" }],
    ["a name like a secret in an address", { url: "http://keys.auth:8080/token" }, { url: "http://keys.auth:8080/token" }],
    [
      "flags",
      { start: ["a", "--password=x", "--token", "--x", "--port", "1"] },
      { start: ["a", "--password=***", "--token", "***", "--port", "1"] }
    ],
    ["a check", { command: ["curl", "-H", "Authorization: Bearer x", "h"] }, { command: ["curl", "-H", "Authorization: ***", "h"] }],
    [
      "a script",
      { start: ["sh", "-c", "PGPASSWORD='x y' psql --api-key x -p 1"] },
      { start: ["sh", "-c", "PGPASSWORD=*** psql --api-key *** -p 1"] }
    ],
    ["an instance", { _tag: "startInstance", argv: ["--secret=x", "job"] }, { _tag: "startInstance", argv: ["--secret=***", "job"] }],
    ["what is sent", { type: "unix", send: "AUTH x\r\n" }, { type: "unix", send: "***" }],
    ["what a check quotes", { because: "its last lines: token: x" }, { because: "its last lines: token: ***" }],
    ["no ids, paths or other sentences", { id: "auth", path: "/key=x", message: "key=x" }, { id: "auth", path: "/key=x", message: "key=x" }]
  ])("%s", (_, given, expected) => {
    expect(redactSpec(given)).toEqual(expected)
    expect(redactSpec(expected)).toEqual(expected)
  })
})

const secret = "hunter2"
const tree: TreeSpec = supervisor({
  id: "shop",
  children: [
    worker({
      id: "auth",
      start: ["serve", "--token", secret, "--url", `http://a:${secret}@h/`],
      env: { KEY: secret, TOKEN: null },
      ready: { type: "http", url: `http://a:${secret}@localhost:1/?key=${secret}`, headers: { cookie: secret } },
      health: [
        { type: "sql", url: `postgres://a:${secret}@db:5432/a` },
        { type: "exec", command: ["check", `--password=${secret}`] },
        { type: "unix", path: "s", send: `AUTH ${secret}` }
      ]
    }),
    pool({ id: "jobs", size: 1, child: worker({ id: "job", start: ["job"], env: { JOB_SECRET: secret } }) })
  ]
})

it("leaves a valid tree, which is the same whether it is redacted before or after decoding", () => {
  const decoded = decodeTreeOrThrow(tree)
  const shown = redactSpec(encodeTree(decoded))
  expect(JSON.stringify(shown)).not.toContain(secret)
  expect(decodeTreeOrThrow(shown)).toEqual(redactSpec(decoded))
  expect(JSON.stringify(decodeTreeOrThrow(shown))).toBe(JSON.stringify(redactSpec(decoded)))
})

it("does not change what is decided, nor that a recording is one of the same tree", () => {
  const decoded = decodeTreeOrThrow(tree)
  const template = worker({ id: "added", start: ["a"], env: { KEY: secret } })
  const { child: added } = decodeTreeOrThrow(pool({ id: "x", size: 0, child: template })) as Pool
  const state = make(decoded, 7)
  const call = (path: string, ticket: number, request: Request): Event => ({ _tag: "Call", path, ticket, request })
  const events: ReadonlyArray<Event> = [
    { _tag: "Boot" },
    { _tag: "Spawned", path: "/shop/auth", incarnation: 1 },
    { _tag: "Ready", path: "/shop/auth", incarnation: 1 },
    call("/shop", 1, { _tag: "startChild", spec: added }),
    call("/shop", 2, { _tag: "getChildSpec", id: "added" }),
    call("/shop/jobs", 3, { _tag: "startInstance", argv: [`--token=${secret}`] }),
    { _tag: "Exited", path: "/shop/auth", incarnation: 1, exit: { _tag: "Code", code: 1 } }
  ]
  const entries = events.map((event, at) => ({ at, event, actions: step(state, event, at) }))
  expect(JSON.stringify(entries.map(({ actions }) => actions)).split(secret).length).toBeGreaterThan(5)
  const header = headerLine({ tree: redactSpec(encodeTree(decoded)), seed: 7 })
  const text = [header, ...entries.map((entry) => entryLine(redactSpec(entry)))].map((line) => `${line}\n`).join("")
  expect(text).not.toContain(secret)
  expect(replay(readJournal(text, "the recording", tree))).toMatchObject({ entries: events.length, difference: undefined })
})

it.each([
  [{ start: `psql --password ${secret} PGPASSWORD="${secret} ${secret}"` }, '"psql --password *** PGPASSWORD=***"'],
  [{ start: `curl -u me:${secret} localhost` }, '"curl -u me:*** localhost"'],
  [{ start: { command: "psql", token: secret } }, '{"command":"psql","token":"***"}'],
  [{ start: ["psql", { name: "--password", value: secret }] }, '{"name":"--password","value":"***"}'],
  [{ env: { API_TOKEN: 12 } }, '"***"'],
  [{ env: { KEY: [secret] } }, '"***"'],
  [{ env: { DB: { name: secret } } }, '"***"'],
  [{ env: [{ name: "DB_PASSWORD", value: secret }] }, '[{"name":"DB_PASSWORD","value":"***"}]'],
  [{ env: [`TOKEN=${secret}`, "KEY", secret] }, '["TOKEN=***","KEY","***"]'],
  [{ restart: { token: [secret] } }, '{"token":"***"}'],
  [{ health: { type: "http", url: `http://a/?token=${secret} x` } }, '"http://a/?token=*** x"'],
  [{ health: { type: "http", url: "http://a/", headers: [["authorization", `Bearer ${secret}`]] } }, '[["authorization","***"]]']
])("a problem of %j shows %s", (wrong, found) => {
  const worker = { type: "worker", id: "a", start: ["a"], ...wrong }
  const problems = decodeTreeResult(supervisor({ id: "shop", children: [worker as never] }))
  if (!Result.isFailure(problems)) throw new Error("it is valid")
  const { message } = problems.failure
  expect(message).toContain(`found ${found}`)
  expect(message).not.toContain(secret)
})
