/** Whether files exist, and heartbeats in them. */
import { execFileSync } from "node:child_process"
import { mkdirSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { checker } from "../../../src/leaf/probe/check.ts"
import { file } from "../../../src/tree/constructors.ts"
import { temporaryFolder } from "../../runtime/processes.ts"
import { decoded, run, runSpec, SHORT } from "./checks.ts"

const HOUR = 3_600_000
interface Folder {
  readonly cwd: string
}
const beat = (content: unknown, age = 0): Folder => write({ cwd: temporaryFolder() }, content, age)
const write = (folder: Folder, content: unknown, age: number): Folder => {
  const path = join(folder.cwd, "beat")
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content))
  const changed = new Date(Date.now() - age)
  utimesSync(path, changed, changed)
  return folder
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 5))
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

it("its age counts from when it was seen to change, whatever the clock on the wall says", async () => {
  const target = beat({ timestamp: 1 }, HOUR)
  const check = checker(decoded(file("beat", { maxAge: SHORT })))
  const isOld = async () => (await run(check, target)) !== undefined
  expect(await run(check, target)).toBeUndefined()
  while (!(await isOld())) await turn()
  expect(await run(check, target)).toMatch(/^its heartbeat file was last written \d+ms ago, 50ms allowed$/)
  write(target, { timestamp: 2 }, -HOUR)
  expect(await run(check, target)).toBeUndefined()
})

it.each([
  ["without a timestamp by its last change", "alive", true],
  ["with a timestamp by that alone", { timestamp: 1 }, false]
])("it has changed %s", async (_, content, isNew) => {
  const target = beat(content)
  const check = checker(decoded(file("beat", { maxAge: SHORT })))
  while ((await run(check, target)) === undefined) await turn()
  write(target, content, HOUR)
  expect((await run(check, target)) === undefined).toBe(isNew)
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
