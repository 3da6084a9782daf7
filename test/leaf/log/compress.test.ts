/** Compressing files of a log: nothing is lost, whenever it ends and whatever the keeper removes meanwhile. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { afterEach, beforeEach, expect, it } from "vitest"
import { compressLog, finishCompressing, uncompressedIn } from "../../../src/leaf/log/compress.ts"
import { rotatedIn } from "../../../src/leaf/log/files.ts"
import { beyond } from "../../../src/leaf/log/removal.ts"
import { LogWriter } from "./LogWriter.ts"

let log: LogWriter
beforeEach(() => {
  log = new LogWriter(mkdtempSync(join(tmpdir(), "supervise-log-")), "/r/a")
})
afterEach(() => rmSync(join(log.folder, "../.."), { recursive: true, force: true }))

const never = new AbortController().signal
const at = (name: string): string => join(log.folder, name)
const files = (): ReadonlyArray<string> => readdirSync(log.folder).sort()

/** The only file that was rotated. */
function rotated(lines = 1): string {
  for (let i = 0; i < lines; i++) log.line(`line ${i}`)
  log.rotate()
  return log.rotated.at(-1)!
}

it("a compressed file has the same in it, the same mode and the same age, and takes the place of the other", async () => {
  const name = rotated(10_000)
  const before = readFileSync(at(name))
  chmodSync(at(name), 0o640)
  utimesSync(at(name), 1_000_000, 1_000_000)
  await compressLog(log.folder, name, never)
  expect(files()).toEqual([`${name}.gz`, "current.log"])
  expect(gunzipSync(readFileSync(at(`${name}.gz`))).equals(before)).toBe(true)
  const { mode, mtimeMs, size } = statSync(at(`${name}.gz`))
  expect([mode & 0o777, mtimeMs]).toEqual([0o640, 1_000_000_000])
  expect(size).toBeLessThan(before.length / 5)
})

it("the newest are compressed first, and neither the current one nor compressed ones", async () => {
  const [one, two, three] = [rotated(), rotated(), rotated()]
  log.compress(two)
  expect(await uncompressedIn(log.folder)).toEqual([three, one])
})

it("what was half done leaves the file as it was", async () => {
  const name = rotated(100_000)
  const ended = new AbortController()
  const compressing = compressLog(log.folder, name, ended.signal)
  while (!existsSync(at(`.${name}.gz.part`))) await new Promise((turn) => setImmediate(turn))
  ended.abort()
  await expect(compressing).rejects.toThrow()
  expect(files()).toEqual([name, "current.log"])
})

it("a file that is removed meanwhile stays away", async () => {
  const name = rotated(100_000)
  const compressing = compressLog(log.folder, name, never)
  while (!existsSync(at(`.${name}.gz.part`))) await new Promise((turn) => setImmediate(turn))
  rmSync(at(name))
  await compressing
  expect(files()).toEqual(["current.log"])
})

it("a file that is gone before fails, and leaves nothing", async () => {
  await expect(compressLog(log.folder, "2025-11-27T09-40-00.000000000Z.log", never)).rejects.toThrow("ENOENT")
  expect(files()).toEqual(["current.log"])
})

it("what a killed process has left is finished: half files go, and of two that are the same one", async () => {
  const [one, two] = [rotated(), rotated()]
  writeFileSync(at(`.${one}.gz.part`), "half")
  const text = readFileSync(at(two))
  log.compress(two)
  writeFileSync(at(two), text)
  expect(await rotatedIn(log.folder)).toEqual([one, two])
  await finishCompressing(log.folder)
  expect(files()).toEqual([one, `${two}.gz`, "current.log"])
})

it.each([
  ["none, within the limits", { folders: 3, bytes: 60 }, []],
  ["the oldest, as there are too many", { folders: 2, bytes: 60 }, ["/b"]],
  ["the oldest, as they are too large", { folders: 3, bytes: 59 }, ["/b"]],
  ["all, if none is allowed", { folders: 0, bytes: 60 }, ["/b", "/a", "/c"]],
  ["as many as it takes", { folders: 3, bytes: 30 }, ["/b", "/a"]]
])("of logs that nothing writes any more go: %s", (_, limits, gone) => {
  const logs = [
    { path: "/a", bytes: 10, writtenAt: 2 },
    { path: "/b", bytes: 20, writtenAt: 1 },
    { path: "/c", bytes: 30, writtenAt: 3 }
  ]
  expect(beyond(logs, limits)).toEqual(gone)
})
