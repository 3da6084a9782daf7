/** Whether files exist, and heartbeats in them. */
import { execFileSync } from "node:child_process"
import { mkdirSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { lastBeat } from "../../../src/leaf/probe/file.ts"
import { file } from "../../../src/tree/constructors.ts"
import { temporaryFolder } from "../../runtime/processes.ts"
import { runSpec } from "./checks.ts"

const HOUR = 3_600_000
const beat = (content: unknown, age = 0): { readonly cwd: string } => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, "beat"), typeof content === "string" ? content : JSON.stringify(content))
  const changed = new Date(Date.now() - age)
  utimesSync(join(cwd, "beat"), changed, changed)
  return { cwd }
}
const fresh = file("beat", { maxAge: "30 seconds" })

it("a file exists or not", async () => {
  const target = beat("")
  expect(await runSpec(file("beat"), target)).toBeUndefined()
  expect(await runSpec(file(join(target.cwd, "beat")))).toBeUndefined()
  expect(await runSpec(file("."), target)).toBeUndefined()
  expect(await runSpec(file("other"), target)).toBe("there is no file other")
  expect(await runSpec(file("beat/other"), target)).toBe("there is no file beat/other")
  expect(await runSpec(file("other", { maxAge: "1s" }), target)).toBe("there is no file other")
})

it.each([
  ["seconds", (at: number) => at / 1000],
  ["whole seconds", (at: number) => Math.ceil(at / 1000)],
  ["milliseconds", (at: number) => at],
  ["ISO 8601", (at: number) => new Date(at).toISOString()]
])("a heartbeat says when it was written, in %s", async (_, write) => {
  const written = (age: number) => beat({ timestamp: write(Date.now() - age), pid: process.pid, uptime_seconds: 5 })
  expect(await runSpec(fresh, written(0))).toBeUndefined()
  expect(await runSpec(fresh, written(HOUR + 30_000))).toBe("its heartbeat file was last written 1h ago, 30s allowed")
  expect(await runSpec(fresh, written(-HOUR - 30_000))).toBe("its heartbeat file is dated 1h in the future")
})

it.each([
  ["empty", ""],
  ["cut off", '{"timest'],
  ["no JSON", "alive"],
  ["a number", "5"],
  ["null", "null"],
  ["a list", "[1]"],
  ["without a timestamp", "{}"],
  ["with a timestamp that is none", '{"timestamp":"soon"}'],
  ["with a timestamp beyond all numbers", '{"timestamp":1e999}']
])("for any other file the time of its last change counts: %s", async (_, content) => {
  expect(await runSpec(fresh, beat(content))).toBeUndefined()
  expect(await runSpec(fresh, beat(content, HOUR))).toBe("its heartbeat file was last written 1h ago, 30s allowed")
})

it("a heartbeat of another incarnation does not count, however recent", async () => {
  const timestamp = Date.now()
  // Higher than any pid of Linux.
  const pid = 2 ** 22 + 77
  expect(await runSpec(fresh, beat({ timestamp, pid }))).toBe(
    `its heartbeat file was written by pid ${pid}, which is not of this incarnation`
  )
  expect(await runSpec(fresh, beat({ timestamp, pid: 0 }))).toBeUndefined()
  expect(await runSpec(fresh, { ...beat({ timestamp, pid }), pid: 0 })).toBeUndefined()
})

it("a heartbeat of a process in its group counts", async () => {
  const { pid } = process
  const group = Number(execFileSync("ps", ["-o", "pgid=", "-p", String(pid)], { encoding: "utf8" }))
  expect(await runSpec(fresh, { ...beat({ timestamp: Date.now(), pid }), pid: group })).toBeUndefined()
})

it("neither a pipe nor a folder blocks the check", async () => {
  const cwd = temporaryFolder()
  execFileSync("mkfifo", [join(cwd, "beat")])
  expect(await runSpec(fresh, { cwd })).toBeUndefined()
  mkdirSync(join(cwd, "folder"))
  expect(await runSpec(file("folder", { maxAge: "30 seconds" }), { cwd })).toBeUndefined()
})

it("lastBeat says when the last heartbeat was written", async () => {
  expect(await lastBeat("beat", { ...beat({ timestamp: 1_700_000_000 }), pid: 0 })).toEqual({ at: 1_700_000_000_000 })
  expect(await lastBeat("beat", { cwd: temporaryFolder(), pid: 0 })).toEqual({ because: "there is no file beat" })
})
