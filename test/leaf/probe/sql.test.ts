/** What a real PostgreSQL answers, and what is reported if there is none, or no driver. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { CANCELLED } from "../../../src/leaf/probe/ProbeResult.ts"
import { sql as sqlCheck } from "../../../src/leaf/probe/sql.ts"
import { sql } from "../../../src/tree/constructors.ts"
import { closedPort, decoded, run, runSpec, SHORT, serving } from "./checks.ts"

const debian = "/usr/lib/postgresql"
const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
const folders = [...versions.map((version) => join(debian, version, "bin")), ...(process.env.PATH ?? "").split(":")]
const bin = folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")))
const skipped = bin === undefined && process.env.REQUIRE_ALL !== "1"
if (skipped) console.log("Skipped: PostgreSQL checks, as there is no PostgreSQL here. On Debian: apt-get install postgresql")

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
    expect(await runSpec(sql(url(), { timeout: "30 seconds" }))).toBeUndefined()
    expect(await runSpec(sql(url(), { query: "select count(*) from pg_class", timeout: "30 seconds" }))).toBeUndefined()
  })

  it("quotes the database's own error", async () => {
    expect(await runSpec(sql(url("shop:wrong")))).toBe('the database said: password authentication failed for user "shop"')
    expect(await runSpec(sql(url("shop:secret", "other")))).toBe('the database said: database "other" does not exist')
    expect(await runSpec(sql(url(), { query: "select * from carts" }))).toBe('the database said: relation "carts" does not exist')
    expect(await runSpec(sql(url(), { query: "selct 1" }))).toBe('the database said: syntax error at or near "selct"')
  })

  it("is not waited for at a timeout, or when the check is cancelled", async () => {
    expect(await runSpec(sql(url(), { query: "select pg_sleep(1000)", timeout: "2 seconds" }))).toBe("did not answer the query within 2s")
    const aborter = new AbortController()
    const result = runSpec(sql(url(), { query: "select pg_sleep(1000)", timeout: "1 hour" }), {}, aborter.signal)
    setImmediate(() => aborter.abort())
    expect(await result).toBe(CANCELLED)
  })
})

it("a closed port, a silent server and one that hangs up", async () => {
  const port = await closedPort()
  expect(await runSpec(sql(`postgres://shop:secret@127.0.0.1:${port}/shop`))).toBe(`connection refused by 127.0.0.1:${port}`)
  const silent = await serving(() => undefined)
  expect(await runSpec(sql(`postgres://shop:secret@127.0.0.1:${silent}/shop`, { timeout: SHORT }))).toBe("did not answer within 50ms")
  const brusque = await serving((socket) => socket.end())
  expect(await runSpec(sql(`postgres://shop:secret@127.0.0.1:${brusque}/shop`))).toBe(
    `127.0.0.1:${brusque} closed the connection without an answer`
  )
})

it("without its driver it says how to install it", async () => {
  const check = decoded(sql("postgres://localhost/shop"))
  const missing = Object.assign(new Error("Cannot find package 'pg'"), { code: "ERR_MODULE_NOT_FOUND" })
  expect(await run(sqlCheck(check, () => Promise.reject(missing)))).toBe(
    "PostgreSQL checks need the package pg, which is not installed: npm install pg"
  )
  expect(await run(sqlCheck(check, () => Promise.reject(new Error("it is broken"))))).toBe(
    "the package pg, which PostgreSQL checks need, could not be loaded: it is broken"
  )
})

it.each([
  [new Error("it is broken"), "it is broken"],
  ["broken", "broken"],
  [undefined, "undefined"]
])("anything the driver throws becomes a result, also for a host that cannot be decoded", async (thrown, message) => {
  class Client {
    on() {}
    connect = () => Promise.reject(thrown)
    query = () => Promise.resolve()
    end = () => Promise.resolve()
  }
  const check = decoded(sql("postgres://%zz/shop"))
  expect(await run(sqlCheck(check, () => Promise.resolve({ Client })))).toBe(`connecting to %zz:5432 failed: ${message}`)
})
