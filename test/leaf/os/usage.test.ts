/** What processes use, as /proc says. */
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, it } from "vitest"
import { type LeafUsage, usageOf } from "../../../src/leaf/os/usage.ts"
import { eventually } from "../LeafRecorder.ts"

const folders: Array<string> = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

interface Process {
  readonly pid: number
  readonly group: number
  readonly state?: string
  readonly ticks?: number
  readonly memoryKiB?: number
  /** Of another user: neither its files nor its input and output may be looked at. */
  readonly hidden?: boolean
  readonly files?: number
  readonly io?: readonly [read: number, written: number]
}

/** A /proc with these processes. */
function machine(processes: ReadonlyArray<Process>): string {
  const proc = mkdtempSync(join(tmpdir(), "supervise-usage-"))
  folders.push(proc)
  for (const { pid, group, state = "S", ticks = 0, memoryKiB = 0, hidden = false, files = 0, io = [0, 0] } of processes) {
    const folder = join(proc, String(pid))
    mkdirSync(folder)
    writeFileSync(join(folder, "stat"), `${pid} (a b) ${state} 1 ${group} ${group} 0 -1 0 0 0 0 0 ${ticks} 1 0 0 20 0 1 0 99 0 0\n`)
    writeFileSync(join(folder, "status"), state === "Z" ? "Name:\ta\n" : `Name:\ta\nVmRSS:\t    ${memoryKiB} kB\nThreads:\t1\n`)
    if (hidden) continue
    mkdirSync(join(folder, "fd"))
    for (let fd = 0; fd < files; fd++) writeFileSync(join(folder, "fd", String(fd)), "")
    writeFileSync(join(folder, "io"), `rchar: 7\nwchar: 8\nread_bytes: ${io[0]}\nwrite_bytes: ${io[1]}\ncancelled_write_bytes: 3\n`)
  }
  return proc
}

function read(leaders: ReadonlyArray<number>, proc?: string): ReadonlyMap<number, LeafUsage> {
  const reading = usageOf(new Set(leaders), proc)
  for (let step = reading.next(); ; step = reading.next()) if (step.done === true) return step.value
}

it("is told of the leader, and of all processes of its group together", () => {
  const proc = machine([
    { pid: 10, group: 10, ticks: 9, memoryKiB: 100, files: 3, io: [4096, 0] },
    { pid: 11, group: 10, ticks: 19, memoryKiB: 50, files: 4, io: [0, 8192] },
    { pid: 20, group: 20, ticks: 99, memoryKiB: 1, files: 1 },
    { pid: 30, group: 30, ticks: 499, memoryKiB: 999, files: 9 }
  ])
  expect([...read([10, 20], proc)]).toEqual([
    [
      10,
      {
        leader: { cpuMs: 100, memoryBytes: 102_400, openFiles: 3, readBytes: 4096, writtenBytes: 0 },
        group: { processes: 2, cpuMs: 300, memoryBytes: 153_600, openFiles: 7, readBytes: 4096, writtenBytes: 8192 }
      }
    ],
    [
      20,
      {
        leader: { cpuMs: 1000, memoryBytes: 1024, openFiles: 1, readBytes: 0, writtenBytes: 0 },
        group: { processes: 1, cpuMs: 1000, memoryBytes: 1024, openFiles: 1, readBytes: 0, writtenBytes: 0 }
      }
    ]
  ])
})

it("what may not be looked at is left out, of one and of all", () => {
  const hidden = machine([{ pid: 10, group: 10, ticks: 1, memoryKiB: 8, hidden: true }])
  expect(read([10], hidden).get(10)).toEqual({
    leader: { cpuMs: 20, memoryBytes: 8192 },
    group: { processes: 1, cpuMs: 20, memoryBytes: 8192 }
  })
  for (const order of [true, false]) {
    const pids = order ? [10, 11] : [11, 10]
    const proc = machine([
      { pid: pids[0]!, group: 10, hidden: true },
      { pid: pids[1]!, group: 10, files: 2, io: [1, 2] }
    ])
    expect(read([10], proc).get(10)?.group).toMatchObject({ processes: 2, openFiles: 2, readBytes: 1, writtenBytes: 2 })
  }
})

it("a leader that has ended is not there, but its group is; nothing is known of a group that has ended", () => {
  const proc = machine([
    { pid: 10, group: 10, state: "Z" },
    { pid: 11, group: 10, memoryKiB: 4 },
    { pid: 20, group: 20, state: "Z" }
  ])
  const found = read([10, 20], proc)
  expect([...found.keys()]).toEqual([10])
  expect(found.get(10)).toMatchObject({ group: { processes: 1, memoryBytes: 4096 } })
  expect(found.get(10)).not.toHaveProperty("leader")
})

it("nothing is known where there is no /proc", () => expect(read([1], "/nowhere").size).toBe(0))

it("of a real group with two processes", async () => {
  const child = spawn("sh", ["-c", "sleep 1000 & exec sleep 1000"], { detached: true, stdio: "ignore" })
  try {
    const pid = child.pid!
    await eventually("both run", () => read([pid]).get(pid)?.group.processes === 2)
    const { leader, group } = read([pid]).get(pid)!
    expect(leader?.memoryBytes).toBeGreaterThan(100_000)
    expect(group.memoryBytes).toBeGreaterThan(leader!.memoryBytes)
    expect(group.openFiles).toBeGreaterThanOrEqual(6)
  } finally {
    process.kill(-child.pid!, "SIGKILL")
  }
})
