/** The folders of a state directory: who may use them, and what is said of one that cannot be made. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { makeFolder, numberIn, realFolder, writeNew } from "../../../src/runtime/state/files.ts"
import { AlreadyRunning, pidIn } from "../../../src/runtime/state/StateDirectory.ts"

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "supervise-files-"))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const modeOf = (...names: ReadonlyArray<string>): number => statSync(join(home, ...names)).mode & 0o777
const made = (...names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const folders: Array<string> = []
  makeFolder(join(home, ...names), (folder) => folders.push(folder.slice(home.length + 1)))
  return folders
}

it("is for its owner alone; those above it are as the umask says", () => {
  expect(made("a", "b", "c")).toEqual(["a", "a/b", "a/b/c"])
  const usual = 0o777 & ~process.umask()
  expect([modeOf("a"), modeOf("a", "b"), modeOf("a", "b", "c")]).toEqual([usual, usual, 0o700])
})

it("leaves one that is there as it is", () => {
  mkdirSync(join(home, "there"), { mode: 0o750 })
  const before = modeOf("there")
  expect(made("there")).toEqual([])
  expect(modeOf("there")).toBe(before)
})

it("says what is in the way", () => {
  writeFileSync(join(home, "file"), "")
  symlinkSync("nowhere", join(home, "link"))
  expect(() => made("file")).toThrow("it is not a folder")
  expect(() => made("file", "below")).toThrow(`${join(home, "file")} is not a folder`)
  expect(() => made("link")).toThrow(join(home, "link"))
})

it("says of a folder that is not there whether it is a link that leads nowhere", () => {
  const [gone, link] = [join(home, "gone"), join(home, "link")]
  symlinkSync("nowhere", link)
  expect(() => realFolder(gone)).toThrow("it is not there")
  expect(() => realFolder(link)).toThrow(`${link} is a link to nowhere, which is not there`)
})

it("there is no number where there is no file, and none in a folder", () => {
  expect(numberIn(join(home, "gone"))).toBeUndefined()
  expect(numberIn(home)).toBeUndefined()
})

it("says which process has it, if that is known", () => {
  expect(new AlreadyRunning({ directory: "/s", pid: 12 }).message).toBe("/s belongs to a running tree (pid 12).")
  expect(new AlreadyRunning({ directory: "/s", pid: undefined }).message).toBe("/s belongs to a running tree.")
})

it("no process of ours has pid 1 or less", () => {
  const pidOf = (text: string): number | undefined => {
    writeFileSync(join(home, "pid"), text)
    return pidIn(home)
  }
  expect(["0\n", "1\n", "2\n", ""].map(pidOf)).toEqual([undefined, undefined, 2, undefined])
})

it.each([
  ["12345\n", 12_345],
  ["123456789012345\n", 123_456_789_012_345],
  ["1234567890123456\n", undefined],
  ["", Number.NaN],
  ["12 34", undefined],
  ["-1", undefined]
])("the number in a file that contains %j is %s", (text, number) => {
  writeFileSync(join(home, "number"), text)
  expect(numberIn(join(home, "number"))).toBe(number)
})

it("writes a new file for its owner alone, and keeps no descriptor", () => {
  const open = () => (existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0)
  const before = open()
  for (let n = 0; n < 20; n++) writeNew(join(home, String(n)), `${n}\n`)
  expect(open()).toBe(before)
  expect(readFileSync(join(home, "7"), "utf8")).toBe("7\n")
  expect(modeOf("7")).toBe(0o600)
  expect(() => writeNew(join(home, "7"), "")).toThrow("EEXIST")
  symlinkSync(join(home, "none"), join(home, "link"))
  expect(() => writeNew(join(home, "link"), "")).toThrow("EEXIST")
})
