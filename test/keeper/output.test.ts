/** What leaves write, and how they report, under the keeper. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { eventually } from "../leaf/LeafRecorder.ts"
import { withoutCc } from "../runtime/native.ts"
import { isThere } from "../runtime/processes.ts"
import { type DrivenKeeper, endOf, it, startKeeper } from "./DrivenKeeper.ts"
import { words } from "./frames.ts"

let keeper: DrivenKeeper
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "keeper-output-"))
  keeper = startKeeper("--dir", folder)
  await keeper.hello()
  keeper.send("ENV", Buffer.from(`PATH=${process.env.PATH}\0`))
})

afterEach(async () => {
  keeper.send("QUIT")
  expect(await keeper.exited).toBe(0)
  expect(keeper.complaints()).toBe("")
  rmSync(folder, { recursive: true, force: true })
})

const pieces = (): ReadonlyArray<string> =>
  keeper.frames.filter((f) => f.type === "OUTPUT").map((f) => `${f.bytes[17]} ${f.bytes.subarray(24)}`)

/** The entries of all files of a log, oldest first. */
function entries(name: string): ReadonlyArray<string> {
  const names = readdirSync(join(folder, name)).sort() // current.log comes last
  return names.flatMap((file) =>
    readFileSync(join(folder, name, file), "latin1")
      .split("\n")
      .slice(0, -1)
  )
}

const ENTRY = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) ([FP]) (.*)$/s

/** The texts of the leaf itself, pieces put together. */
function texts(name: string): ReadonlyArray<string> {
  const lines: Array<string> = []
  let open = ""
  for (const entry of entries(name)) {
    const [, , tag, text = ""] = ENTRY.exec(entry) ?? expect.fail(`no entry: ${entry.slice(0, 100)}`)
    if (text.startsWith("--- ")) continue
    if (tag === "F") lines.push(open + text)
    open = tag === "F" ? "" : open + text
  }
  return lines
}

it("gives real pipes, so that /dev/stdout can be opened", async () => {
  keeper.spawn({ argv: ["sh", "-c", "echo one > /dev/stdout; echo two > /dev/stderr"], flags: 1 })
  expect(endOf(await keeper.event("EXITED")).code).toBe(0)
  expect([keeper.output(), keeper.output(0, 2)]).toEqual(["one\n", "two\n"])
})

it("passes on an unfinished line after a while, as a piece, without splitting a character", async () => {
  keeper.spawn({ argv: ["sh", "-c", "printf 'name? \\303'; sleep 1; printf '\\244\\nx'"], flags: 1 })
  await keeper.event("EXITED")
  expect(pieces()).toEqual(["1 name? ", "0 ä\n", "0 x"])
})

it("cuts lines that are too long between characters", async () => {
  const program = "process.stdout.write('a' + 'ä'.repeat(40000) + '\\nb\\n')"
  keeper.spawn({ argv: [process.execPath, "-e", program], flags: 1 })
  await keeper.event("EXITED")
  expect(keeper.output()).toBe(`a${"ä".repeat(40_000)}\nb\n`)
  const long = keeper.frames.filter((f) => f.type === "OUTPUT" && f.bytes[17] === 1)
  expect(long.map((f) => f.bytes.length - 24)).toEqual([65_535])
})

it("reads output that is not wanted, and the last words of a process that is killed", async () => {
  keeper.spawn({ leaf: 1, argv: ["sh", "-c", "yes | head -n 100000"] })
  keeper.spawn({ leaf: 2, argv: ["sh", "-c", "yes | head -n 10000; kill -KILL $$"], flags: 1 })
  expect(endOf(await keeper.event("EXITED", 1)).code).toBe(0)
  expect(endOf(await keeper.event("EXITED", 2)).signal).toBe(9)
  expect(keeper.output(2)).toBe("y\n".repeat(10_000))
})

it("waits a moment for a brain that reads slowly, and counts what one that reads nothing has missed", async () => {
  const lines = 500_000
  keeper.spawn({ leaf: 1, argv: ["seq", "1", String(lines)], flags: 1 })
  await keeper.event("EXITED", 1)
  expect(keeper.output(1).split("\n")).toHaveLength(lines + 1)
  keeper.pause()
  const done = join(folder, "done")
  keeper.spawn({ leaf: 2, argv: ["sh", "-c", `seq 1 ${lines}; touch ${done}`], flags: 1 })
  await eventually("everything has been written", () => existsSync(done)) // more than fits anywhere
  keeper.resume()
  await keeper.event("EXITED", 2)
  const gaps = keeper.frames.filter((f) => f.type === "GAP").map((f) => Number(f.bytes.readBigUInt64LE(16)))
  expect(gaps.length).toBeGreaterThan(0)
  expect(keeper.output(2).split("\n").length - 1 + gaps.reduce((a, b) => a + b, 0)).toBe(lines)
})

it("keeps stdin open where that is asked, and at an end elsewhere", async () => {
  keeper.spawn({ leaf: 1, argv: ["sh", "-c", "cat; echo end"], flags: 1 })
  keeper.spawn({ leaf: 2, argv: ["sh", "-c", "read line; echo end"], flags: 1, stdin: "pipe" })
  await keeper.event("EXITED", 1)
  expect([keeper.output(1), keeper.output(2)]).toEqual(["end\n", ""])
})

it("hears readiness and heartbeats on a descriptor, and when that is closed", async () => {
  const argv = ["sh", "-c", "printf 'beat 1500\\nbeat\\n\\nbeatx\\n' >&5; exec 5>&-; echo $SUPERVISE_FD $SUPERVISE_BEAT_MS; sleep 1000"]
  keeper.spawn({ argv, ready: 2, beat: 1, beatMs: 250, fd: 5, flags: 1 })
  expect((await keeper.event("READY")).bytes.readUInt32LE(24)).toBe(2)
  await keeper.event("BEATS_ENDED")
  const beats = keeper.frames
    .filter((f) => f.type === "BEATS")
    .flatMap((f) => Array.from({ length: f.bytes.length / 24 }, (_, i) => f.bytes.readBigUInt64LE(24 * i + 16)))
  expect(beats).toEqual([1_500_000n, 2n ** 64n - 1n, 2n ** 64n - 1n])
  expect(keeper.output()).toBe("5 250\n")
})

const withoutPython = !isThere("python3") && process.env.REQUIRE_ALL !== "1"
if (withoutPython) console.log("Left out: what uses sd_notify, as there is no python3 (apt-get install python3).")

const PYTHON = `
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
a = os.environ["NOTIFY_SOCKET"]
s.connect("\\0" + a[1:] if a[0] == "@" else a)
`

test.skipIf(withoutCc || withoutPython)("hears sd_notify from any process of a leaf, and answers its barrier", async () => {
  const program = `${PYTHON}
if os.fork() == 0:
  os.setsid()
  s.send(b"READY=1\\nSTATUS=well\\nMAINPID=%d\\nWATCHDOG=1" % os.getpid())
  r, w = os.pipe()
  socket.send_fds(s, [b"BARRIER=1"], [w])
  os.close(w)
  os.read(r, 1)
  print("answered", os.environ["WATCHDOG_USEC"], flush=True)
  os._exit(0)
os.wait()
time.sleep(1000)`
  keeper.spawn({ argv: ["python3", "-c", program], ready: 3, beat: 2, beatMs: 500, flags: 1 })
  expect((await keeper.event("READY")).bytes.readUInt32LE(24)).toBe(3)
  const { bytes } = await keeper.event("NOTIFY")
  expect(bytes.readUInt32LE(20)).toBe(1 + 8 + 32)
  expect(bytes.readUInt32LE(40)).toBe(bytes.readUInt32LE(16))
  expect(bytes.subarray(48).toString()).toBe("well")
  await keeper.next((f) => f.type === "BEATS")
  await keeper.next((f) => f.type === "OUTPUT" && f.bytes.subarray(24).toString() === "answered 1000000\n")
})

test.skipIf(withoutCc || withoutPython)("takes no word of sd_notify from a stranger", async () => {
  keeper.spawn({ argv: ["sleep", "1000"], ready: 3 })
  await keeper.pid()
  execFileSync("python3", ["-c", `${PYTHON}\ns.send(b"READY=1")`], { env: { ...process.env, NOTIFY_SOCKET: join(folder, "notify.sock") } })
  await keeper.settled()
  expect(keeper.frames.filter((f) => f.type === "READY" || f.type === "NOTIFY")).toEqual([])
})

test.skipIf(withoutCc || withoutPython)("gives more time to one that asks for it while it stops", async () => {
  const program = `${PYTHON}
import signal
def stop(*_):
  s.send(b"STOPPING=1\\nEXTEND_TIMEOUT_USEC=20000000")
  time.sleep(0.5)
  sys.exit(5)
signal.signal(signal.SIGTERM, stop)
s.send(b"READY=1")
time.sleep(1000)`
  keeper.spawn({ argv: ["python3", "-c", program], ready: 3 })
  await keeper.event("READY")
  keeper.send("STOP", words(0, 1, 200, 0))
  expect(endOf(await keeper.event("EXITED"))).toMatchObject({ code: 5 })
})

it("writes each line into the log, whatever it consists of", async () => {
  const log = join(folder, "log")
  const program = `
const lines = ["", "a\\0b", "\\xff\\xfe", "x".repeat(1_000_000), "end"]
process.stdout.write(Buffer.from(lines.join("\\n") + "\\nlast", "latin1"))`
  keeper.spawn({ argv: [process.execPath, "-e", program], log })
  await keeper.event("EXITED")
  expect(texts("log")).toEqual(["", "a\0b", "\xff\xfe", "x".repeat(1_000_000), "end", "last"])
  const marks = entries("log").filter((entry) => entry.includes(" --- "))
  expect(marks.map((mark) => mark.slice(mark.indexOf("---")).replace(/pid \d+/, "pid"))).toEqual([
    "--- /root/0: incarnation 1 begins, pid ---",
    "--- /root/0: incarnation 1 ended with code 0 ---"
  ])
  expect(statSync(join(log, "current.log")).mode & 0o777).toBe(0o640)
})

it("rotates by size, loses no line, and keeps as many files as it may", async () => {
  const write = (leaf: number, lines: number, logFiles: number): void =>
    keeper.spawn({ leaf, argv: ["seq", "1", String(lines)], log: join(folder, String(leaf)), logSize: 20_000, logFiles })
  write(1, 20_000, 1_000)
  write(2, 20_000, 3)
  await keeper.event("EXITED", 1)
  await keeper.event("EXITED", 2)
  expect(texts("1")).toEqual(Array.from({ length: 20_000 }, (_, i) => String(i + 1)))
  expect(readdirSync(join(folder, "2"))).toHaveLength(4)
  for (const name of readdirSync(join(folder, "1"))) expect(statSync(join(folder, "1", name)).size).toBeLessThanOrEqual(20_000)
})

it("begins a new file where the one that it wrote was removed, when that would have been rotated", async () => {
  const log = join(folder, "log")
  keeper.spawn({ argv: ["sh", "-c", "echo begin; while :; do seq 1 100; sleep 0.01; done"], log, logSize: 4_096 })
  await eventually("it writes", () => existsSync(join(log, "current.log")))
  rmSync(log, { recursive: true })
  await eventually("it writes again", () => existsSync(join(log, "current.log")))
})

test.skipIf(withoutCc || process.getuid?.() !== 0)("goes on when the disk is full: it blocks, or drops and counts", async () => {
  const disk = join(folder, "disk")
  mkdirSync(disk)
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk])
  try {
    execFileSync("dd", ["if=/dev/zero", `of=${disk}/ballast`, "bs=1k", "count=900"], { stdio: "ignore" })
    // One read of short lines makes entries of many times its size.
    keeper.spawn({ leaf: 1, argv: ["sh", "-c", "yes '' | head -n 100000; seq 1 100000"], log: join(disk, "1") })
    await keeper.next((f) => f.type === "LOG" && f.bytes.readUInt32LE(0) === 1 && f.bytes.readUInt32LE(8) === 28)
    keeper.spawn({ leaf: 3, argv: ["seq", "1", "1000"], log: join(disk, "3") })
    await keeper.event("EXITED", 3)
    keeper.spawn({ leaf: 2, argv: ["sh", "-c", "seq 1 20000; sleep 1000"], log: join(disk, "2"), drop: true })
    await keeper.next((f) => f.type === "LOG" && f.bytes.readUInt32LE(0) === 2 && f.bytes.readUInt32LE(8) !== 0)
    rmSync(join(disk, "ballast"))
    execFileSync("mount", ["-o", "remount,size=32m", disk])
    await keeper.next((f) => f.type === "LOG" && f.bytes.readUInt32LE(0) === 1 && f.bytes.readUInt32LE(8) === 0)
    await keeper.next((f) => f.type === "LOG" && f.bytes.readUInt32LE(0) === 2 && f.bytes.readUInt32LE(8) === 0)
    await keeper.next((f) => f.type === "LOG" && f.bytes.readUInt32LE(0) === 3 && f.bytes.readUInt32LE(8) === 0)
    await keeper.event("EXITED", 1)
    keeper.send("STOP", words(2, 1, 5000, 0))
    await keeper.event("EXITED", 2)
    expect(texts("disk/1").filter((text) => text !== "")).toEqual(Array.from({ length: 100_000 }, (_, i) => String(i + 1)))
    expect(texts("disk/1")).toHaveLength(200_000)
    expect(texts("disk/3")).toHaveLength(1_000)
    const gaps = entries("disk/2").flatMap((entry) => [...(/--- (\d+) lines /g.exec(entry) ?? [])].slice(1).map(Number))
    expect(gaps.length).toBeGreaterThan(0)
    expect(texts("disk/2").length + gaps.reduce((a, b) => a + b, 0)).toBe(20_000)
  } finally {
    execFileSync("umount", ["-l", disk])
  }
})
