import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { HeartbeatFile, type HeartbeatFileOptions } from "../../src/leaf/HeartbeatFile.ts"
import { heartbeatIn } from "../../src/leaf/heartbeatContent.ts"
import { monotonicMs } from "../../src/leaf/os/monotonic.ts"
import { eventually, Witness } from "./witness.ts"

/** So long that a beat which is told was not found by looking at intervals. */
const NEVER_MS = 10 * 60_000
const OFTEN_MS = 20

const closers: Array<() => void> = []
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close()
  expect(handles()).toEqual([])
})

/** What Node waits for, of what is ours. */
const handles = () => process.getActiveResourcesInfo().filter((name) => name === "FSEventWrap")

function home(): string {
  const folder = mkdtempSync(join(tmpdir(), "supervise-file-"))
  closers.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function watched(path: string, more: Partial<HeartbeatFileOptions> = {}) {
  const beats: Array<number> = []
  const file = new HeartbeatFile({ path, every: NEVER_MS, onBeat: (beat) => beats.push(beat), ...more })
  closers.push(() => file.close())
  const count = (n: number) => eventually(`${n} beats are told`, () => beats.length >= n)
  return { file, beats, count }
}

/** As a program does that wants nobody to read a half of it. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}
const json = (pid: number, uptime = 1.5) => JSON.stringify({ timestamp: "2026-11-21T10:00:00Z", pid, uptime_seconds: uptime })

describe("a heartbeat file", () => {
  it("beats when it is made, written, touched, replaced, and made again", async () => {
    const path = join(home(), "beat")
    const { beats, count } = watched(path)
    const since = monotonicMs()
    writeFileSync(path, "")
    await count(1)
    writeFileSync(path, "x")
    await count(2)
    utimesSync(path, 1, 2)
    await count(3)
    replace(path, "y")
    await count(4)
    unlinkSync(path)
    writeFileSync(path, "zz")
    await count(5)
    expect(beats).toHaveLength(5)
    for (const receivedAt of beats) {
      expect(receivedAt).toBeGreaterThanOrEqual(since)
      expect(receivedAt).toBeLessThanOrEqual(monotonicMs())
    }
  })

  it("does not beat when others beside it do, or when only its mode is another", async () => {
    const folder = home()
    const path = join(folder, "beat")
    const { file, beats, count } = watched(path)
    writeFileSync(join(folder, "other"), "x")
    writeFileSync(path, "1")
    await count(1)
    execFileSync("chmod", ["600", path])
    file.look()
    writeFileSync(path, "12")
    await count(2)
    expect(beats).toHaveLength(2)
  })

  it("says when it was written and by which process, as far as that can be understood", () => {
    expect(heartbeatIn(json(42))).toEqual({ writtenAt: Date.UTC(2026, 10, 21, 10), pid: 42 })
    expect(heartbeatIn('{"timestamp":5,"pid":"x"}')).toEqual({ writtenAt: 5000, pid: undefined })
    expect(heartbeatIn('{"timestamp":"soon","pid":1e999}')).toEqual({ writtenAt: undefined, pid: undefined })
    for (const text of ["", "alive", "5", "null", "[1]", json(42).slice(0, 20)]) expect(heartbeatIn(text)).toBeUndefined()
  })

  it("is waited for while it is written: half of it is no beat", () => {
    const path = join(home(), "beat")
    const { file, beats } = watched(path)
    const written = (text: string) => {
      writeFileSync(path, text)
      file.look()
      return beats.length
    }
    expect([json(42), "", json(42, 22.5).slice(0, 20), json(42, 22.5)].map(written)).toEqual([1, 1, 1, 2])
  })

  it("beats on when it has become so long that we do not read it to its end", () => {
    const path = join(home(), "beat")
    const { file, beats } = watched(path)
    for (const more of ["", "x".repeat(5_000), "x".repeat(6_000)]) {
      writeFileSync(path, JSON.stringify({ timestamp: 1, more }))
      file.look()
    }
    expect(beats).toHaveLength(3)
  })

  it("that was there before is of an earlier life", () => {
    const path = join(home(), "beat")
    writeFileSync(path, json(41))
    const { file, beats } = watched(path, { pid: 42 })
    file.look()
    expect(beats).toEqual([])
    replace(path, json(41, 2))
    file.look()
    expect(beats).toEqual([])
    replace(path, json(42))
    file.look()
    expect(beats).toHaveLength(1)
  })

  it("that was there before is of this life, if it says so", () => {
    const path = join(home(), "beat")
    writeFileSync(path, json(42))
    const { file, beats } = watched(path, { pid: 42 })
    file.look()
    expect(beats).toHaveLength(1)
  })

  it("is drained by a look, before the loop turns", () => {
    const path = join(home(), "beat")
    const { file, beats } = watched(path)
    writeFileSync(path, "1")
    expect(beats).toEqual([])
    file.look()
    file.look()
    expect(beats).toHaveLength(1)
  })

  it("may be in a folder that comes later, goes, and comes again", async () => {
    const folder = join(home(), "run")
    const path = join(folder, "beat")
    const { beats, count } = watched(path, { every: OFTEN_MS })
    for (let life = 0; life < 3; life++) {
      mkdirSync(folder)
      for (const text of ["1", "12"]) {
        const before = beats.length
        replace(path, text)
        await count(before + 1)
      }
      rmSync(folder, { recursive: true })
      await eventually("the folder is gone", () => !existsSync(folder))
    }
    expect(beats).toHaveLength(6)
  })

  it("may be in a folder that another one takes the place of", async () => {
    const above = home()
    const folder = join(above, "run")
    const path = join(folder, "beat")
    mkdirSync(folder)
    mkdirSync(join(above, "next"))
    const { count } = watched(path)
    renameSync(folder, join(above, "old"))
    renameSync(join(above, "next"), folder)
    writeFileSync(path, "1")
    await count(1)
    writeFileSync(path, "12")
    await count(2)
  })

  it("that is something else in its place does not hold us up, and does not beat", () => {
    const path = join(home(), "beat")
    execFileSync("mkfifo", [path])
    const { file, beats } = watched(path)
    file.look()
    rmSync(path)
    mkdirSync(path)
    file.look()
    expect(beats).toEqual([])
  })

  it("tells nothing more once it is closed", () => {
    const path = join(home(), "beat")
    const { file, beats } = watched(path)
    file.close()
    writeFileSync(path, "1")
    file.look()
    expect(beats).toEqual([])
    expect(handles()).toEqual([])
  })

  it("of a process that writes without a pause costs a look now and then", async () => {
    const path = join(home(), "beat")
    const { beats, count } = watched(path)
    const since = monotonicMs()
    const w = new Witness()
    w.sh(`while :; do echo $((i=i+1)) >'${path}'; done`)
    await count(10)
    w.stop("brutalKill")
    await w.event("Exited")
    // Five milliseconds lie between two looks; a timer may be early by a part of one.
    expect((beats.length - 1) * 4).toBeLessThanOrEqual(monotonicMs() - since)
  })
})
