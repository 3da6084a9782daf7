import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { HeartbeatFile, type HeartbeatFileOptions } from "../../src/leaf/HeartbeatFile.ts"
import { heartbeatIn } from "../../src/leaf/heartbeatContent.ts"
import { monotonicMs } from "../../src/leaf/os/monotonic.ts"
import { eventually, recorder } from "./LeafRecorder.ts"

/** So long that no beat can be found by polling. */
const NEVER_MS = 10 * 60_000
const OFTEN_MS = 20

const closers: Array<() => void> = []
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close()
  expect(handles()).toEqual([])
})

/** The file watches that keep Node waiting. */
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
  const count = (n: number) => eventually(`${n} beats were reported`, () => beats.length >= n)
  return { file, beats, count }
}

/** As a careful program does, so that no reader sees half of the file. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}
const json = (pid: number, uptime = 1.5) => JSON.stringify({ timestamp: "2026-11-21T10:00:00Z", pid, uptime_seconds: uptime })

describe("a heartbeat file", () => {
  it("beats when it is created, written, touched, replaced, and created again", async () => {
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

  it("does not beat when another file changes, or only its mode", async () => {
    const folder = home()
    const path = join(folder, "beat")
    const { file, beats, count } = watched(path)
    writeFileSync(join(folder, "other"), "x")
    writeFileSync(path, "1")
    await count(1)
    execFileSync("chmod", ["600", path])
    file.check()
    writeFileSync(path, "12")
    await count(2)
    expect(beats).toHaveLength(2)
  })

  it("says when it was written and by which process, as far as we understand it", () => {
    expect(heartbeatIn('{"timestamp":5,"pid":42,"more":1}')).toEqual({ timestamp: "5", pid: 42 })
    expect(heartbeatIn('{"timestamp":"soon","pid":"x"}')).toEqual({ timestamp: '"soon"', pid: undefined })
    expect(heartbeatIn('{"pid":1e999}')).toEqual({ timestamp: undefined, pid: undefined })
    for (const text of ["", "alive", "5", "null", "[1]", json(42).slice(0, 20)]) expect(heartbeatIn(text)).toBeUndefined()
  })

  it("does not beat while it is half written", () => {
    const path = join(home(), "beat")
    const { file, beats } = watched(path)
    const written = (text: string) => {
      writeFileSync(path, text)
      file.check()
      return beats.length
    }
    expect([json(42), "", json(42, 22.5).slice(0, 20), json(42, 22.5)].map(written)).toEqual([1, 1, 1, 2])
  })

  it("still beats when it is too long to be read to the end", () => {
    const path = join(home(), "beat")
    const { file, beats } = watched(path)
    for (const more of ["", "x".repeat(5_000), "x".repeat(6_000)]) {
      writeFileSync(path, JSON.stringify({ timestamp: 1, more }))
      file.check()
    }
    expect(beats).toHaveLength(3)
  })

  it("that existed before belongs to an earlier incarnation", () => {
    const path = join(home(), "beat")
    writeFileSync(path, json(41))
    const { file, beats } = watched(path, { pid: 42 })
    file.check()
    expect(beats).toEqual([])
    replace(path, json(41, 2))
    file.check()
    expect(beats).toEqual([])
    replace(path, json(42))
    file.check()
    expect(beats).toHaveLength(1)
  })

  it("that existed before belongs to this incarnation if it names its pid", () => {
    const path = join(home(), "beat")
    writeFileSync(path, json(42))
    const { file, beats } = watched(path, { pid: 42 })
    file.check()
    expect(beats).toHaveLength(1)
  })

  it("is read by check() before the event loop turns", () => {
    const path = join(home(), "beat")
    const { file, beats } = watched(path)
    writeFileSync(path, "1")
    expect(beats).toEqual([])
    file.check()
    file.check()
    expect(beats).toHaveLength(1)
  })

  it("may be in a folder that appears later, disappears, and appears again", async () => {
    const folder = join(home(), "run")
    const path = join(folder, "beat")
    const { beats, count } = watched(path, { every: OFTEN_MS })
    for (let round = 0; round < 3; round++) {
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

  it("may be in a folder that is replaced by another", async () => {
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

  it("does not block us or beat if it is a pipe or a folder", () => {
    const path = join(home(), "beat")
    execFileSync("mkfifo", [path])
    const { file, beats } = watched(path)
    file.check()
    rmSync(path)
    mkdirSync(path)
    file.check()
    expect(beats).toEqual([])
  })

  it("reports nothing after close()", () => {
    const path = join(home(), "beat")
    const { file, beats } = watched(path)
    file.close()
    writeFileSync(path, "1")
    file.check()
    expect(beats).toEqual([])
    expect(handles()).toEqual([])
  })

  it("costs little if a process writes without a pause", async () => {
    const path = join(home(), "beat")
    const { beats, count } = watched(path)
    const since = monotonicMs()
    const w = recorder()
    w.sh(`while :; do echo $((i=i+1)) >'${path}'; done`)
    await count(10)
    w.stop("brutalKill")
    await w.event("Exited")
    // Two checks are five milliseconds apart; a timer may be early by a part of one.
    expect((beats.length - 1) * 4).toBeLessThanOrEqual(monotonicMs() - since)
  })
})
