/** What a real PostgreSQL answers; and what is said where there is none, or nothing to ask it with. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { GIVEN_UP } from "../../../src/leaf/probe/ProbeResult.ts"
import { sql as sqlCheck } from "../../../src/leaf/probe/sql.ts"
import { sql } from "../../../src/tree/constructors.ts"
import { ask, asked, decoded, nobodysPort, SHORT, serving } from "./asking.ts"

const debian = "/usr/lib/postgresql"
const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
const folders = [...versions.map((version) => join(debian, version, "bin")), ...(process.env.PATH ?? "").split(":")]
const bin = folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")))
const skipped = bin === undefined && process.env.REQUIRE_ALL !== "1"
if (skipped) console.log("There is no PostgreSQL here to ask; on Debian: apt-get install postgresql")

/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}

describe.skipIf(skipped)("PostgreSQL", () => {
  let folder: string
  let server: ChildProcess

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "supervise-sql-"))
    writeFileSync(join(folder, "password"), "secret")
    if ("uid" in user) for (const path of [folder, join(folder, "password")]) chownSync(path, NOBODY, NOBODY)
    const auth = ["-U", "shop", "--auth=scram-sha-256", `--pwfile=${join(folder, "password")}`, "--no-sync"]
    const options = { ...user, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: "C" } }
    execFileSync(join(bin!, "initdb"), ["-D", join(folder, "db"), ...auth], { ...options, stdio: "pipe" })
    const settings = ["listen_addresses=", "fsync=off", "max_connections=10"].flatMap((setting) => ["-c", setting])
    server = spawn(join(bin!, "postgres"), ["-D", join(folder, "db"), "-k", folder, ...settings], {
      ...options,
      stdio: ["ignore", "ignore", "pipe"]
    })
    let said = ""
    for await (const chunk of server.stderr!.iterator({ destroyOnReturn: false })) {
      said += String(chunk)
      if (said.includes("ready to accept connections")) break
    }
    expect(said).toContain("ready to accept connections")
    server.stderr!.resume()
  })
  afterAll(async () => {
    if (server?.exitCode === null) {
      server.kill("SIGINT")
      await once(server, "exit")
    }
    rmSync(folder, { recursive: true, force: true })
  })
  const url = (name = "shop:secret", database = "postgres") => `postgres://${name}@${encodeURIComponent(folder)}/${database}`

  it("answers a query", async () => {
    expect(await ask(sql(url(), { timeout: "30 seconds" }))).toBeUndefined()
    expect(await ask(sql(url(), { query: "select count(*) from pg_class", timeout: "30 seconds" }))).toBeUndefined()
  })

  it("says what it does not like", async () => {
    expect(await ask(sql(url("shop:wrong")))).toBe('the database said: password authentication failed for user "shop"')
    expect(await ask(sql(url("shop:secret", "other")))).toBe('the database said: database "other" does not exist')
    expect(await ask(sql(url(), { query: "select * from carts" }))).toBe('the database said: relation "carts" does not exist')
    expect(await ask(sql(url(), { query: "selct 1" }))).toBe('the database said: syntax error at or near "selct"')
  })

  it("is not waited for when it takes too long, or nobody wants to know any more", async () => {
    expect(await ask(sql(url(), { query: "select pg_sleep(1000)", timeout: "2 seconds" }))).toBe("did not answer the query within 2s")
    const interest = new AbortController()
    const verdict = ask(sql(url(), { query: "select pg_sleep(1000)", timeout: "1 hour" }), {}, interest.signal)
    setImmediate(() => interest.abort())
    expect(await verdict).toBe(GIVEN_UP)
  })
})

it("nobody there, nobody who answers, and somebody else", async () => {
  const port = await nobodysPort()
  expect(await ask(sql(`postgres://shop:secret@127.0.0.1:${port}/shop`))).toBe(`connection refused by 127.0.0.1:${port}`)
  const silent = await serving(() => undefined)
  expect(await ask(sql(`postgres://shop:secret@127.0.0.1:${silent}/shop`, { timeout: SHORT }))).toBe("did not answer within 50ms")
  const brusque = await serving((socket) => socket.end())
  expect(await ask(sql(`postgres://shop:secret@127.0.0.1:${brusque}/shop`))).toBe(
    `127.0.0.1:${brusque} closed the connection without an answer`
  )
})

it("without its driver it says how to get it", async () => {
  const check = decoded(sql("postgres://localhost/shop"))
  const missing = Object.assign(new Error("Cannot find package 'pg'"), { code: "ERR_MODULE_NOT_FOUND" })
  expect(await asked(sqlCheck(check, () => Promise.reject(missing)))).toBe(
    "the package pg is missing, which asks PostgreSQL: npm install pg"
  )
  expect(await asked(sqlCheck(check, () => Promise.reject(new Error("it is broken"))))).toBe(
    "the package pg, which asks PostgreSQL, could not be loaded: it is broken"
  )
})

it.each([
  [new Error("it is broken"), "it is broken"],
  ["broken", "broken"],
  [undefined, "undefined"]
])("whatever its driver throws is an answer, also about a host that cannot be read", async (thrown, said) => {
  class Client {
    on() {}
    connect = () => Promise.reject(thrown)
    query = () => Promise.resolve()
    end = () => Promise.resolve()
  }
  const check = decoded(sql("postgres://%zz/shop"))
  expect(await asked(sqlCheck(check, () => Promise.resolve({ Client })))).toBe(`%zz:5432 could not be asked: ${said}`)
})
