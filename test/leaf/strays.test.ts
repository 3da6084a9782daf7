/** Which processes are taken for those that have left the group of a leaf, in a process table made of files. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { Strays } from "../../src/leaf/os/Strays.ts"
import { eventually } from "./LeafRecorder.ts"

const mark = { path: "/root/a", incarnation: 1, supervisor: "7 s" }
const MARKED = "SUPERVISE_PATH=/root/a\0SUPERVISE_INCARNATION=1\0SUPERVISE_SUPERVISOR=7 s\0"
/** No process has such a pid, whatever is signalled. */
const [one, other] = [8_765_431, 8_765_432]

let proc = ""
let strays: Strays
let signals: Array<[pid: number, signal: string | number]> = []
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), "proc-"))
  signals = []
  const kill = (pid: number, _: string, signal: string | number) => {
    signals.push([pid, signal])
    return "sent" as const
  }
  strays = new Strays(kill, proc, 30)
})
afterEach(() => rmSync(proc, { recursive: true }))

interface Seen {
  readonly environment: string
  readonly startTime?: number
  readonly parent?: number
  readonly group?: number
}

function runs(pid: number, { environment, startTime = 100, parent = 1, group = pid }: Seen): void {
  mkdirSync(join(proc, String(pid)), { recursive: true })
  writeFileSync(join(proc, String(pid), "environ"), environment)
  writeFileSync(join(proc, String(pid), "stat"), `${pid} (a) S ${parent} ${group} ${"1 ".repeat(16)}${startTime} 0 0`)
}
const ends = (pid: number): void => rmSync(join(proc, String(pid)), { recursive: true })
const lastPidIs = (pid: number): void => writeFileSync(join(proc, "loadavg"), `0 0 0 1/2 ${pid}\n`)

/** Ends those with the mark, and records what is heard of it. */
function end(killInMs = 0) {
  const heard: Array<unknown> = []
  const listener = {
    found: () => heard.push("found"),
    blocked: (pids: ReadonlyArray<number>) => heard.push(["blocked", ...pids]),
    ended: () => heard.push("ended")
  }
  strays.end(mark, "SIGTERM", performance.now() + killInMs, listener)
  return heard
}
/** Until the next turn of the event loop the process table is not looked at again. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

it("ends at once where there is none", () => {
  runs(one, { environment: "HOME=/\0" })
  expect(end()).toEqual(["ended"])
})

it("a pid that was another's is not signalled", async () => {
  runs(one, { environment: MARKED })
  const heard = end()
  expect(signals).toEqual([[one, "SIGKILL"]])
  runs(one, { environment: "HOME=/\0", startTime: 200 })
  await eventually("they have ended", () => heard.length === 2)
  expect(heard).toEqual(["found", "ended"])
  await turn()
  expect(end()).toEqual(["ended"])
  expect(signals).toHaveLength(1)
})

it.each([
  ["has gone round since the look before", one - 5, one + 5],
  ["is not known", undefined, undefined]
])("a pid that was a stranger's is looked at again when the last pid %s", async (_, before, now) => {
  if (before !== undefined) lastPidIs(before)
  runs(one, { environment: "HOME=/\0" })
  expect(end()).toEqual(["ended"])
  await turn()
  if (now !== undefined) lastPidIs(now)
  runs(one, { environment: MARKED, startTime: 200 })
  expect(end()).toEqual(["found"])
  ends(one)
})

it("what has not been given out again since is not looked at again", async () => {
  lastPidIs(other)
  runs(one, { environment: "HOME=/\0" })
  expect(end()).toEqual(["ended"])
  await turn()
  runs(one, { environment: MARKED }) // cannot happen: an environment does not change
  expect(end()).toEqual(["ended"])
})

it("a process that starts its program has no environment for a moment: it is waited for", async () => {
  runs(one, { environment: "" })
  const heard = end()
  expect(heard).toEqual([])
  runs(one, { environment: MARKED })
  await eventually("it is found", () => heard.length > 0)
  expect(heard).toEqual(["found"])
  ends(one)
  await eventually("it has ended", () => heard.length > 1)
})

it("a process without an environment, and threads of the kernel, hold nothing up", async () => {
  runs(one, { environment: "" })
  runs(other, { environment: "", parent: 2 })
  const heard = end()
  await eventually("it has ended", () => heard.length > 0)
  expect([heard, signals]).toEqual([["ended"], []])
})

it("a check that runs is not one of them", () => {
  runs(one, { environment: MARKED, parent: process.pid })
  runs(other, { environment: MARKED, parent: one, group: one })
  expect(end()).toEqual(["ended"])
})

it("those that do not die are told, and waited for", async () => {
  runs(one, { environment: MARKED })
  const heard = end()
  await eventually("it is told", () => heard.length === 2)
  expect(heard).toEqual(["found", ["blocked", one]])
  ends(one)
  await eventually("it has ended", () => heard.length === 3)
  expect(heard[2]).toBe("ended")
})

it("asks each once, and kills when their time is over", async () => {
  runs(one, { environment: MARKED })
  const heard = end(60)
  await eventually("it is killed", () => signals.some(([, signal]) => signal === "SIGKILL"))
  expect(signals.filter(([, signal]) => signal !== "SIGKILL")).toEqual([
    [one, "SIGTERM"],
    [one, "SIGCONT"]
  ])
  ends(one)
  await eventually("it has ended", () => heard.includes("ended"))
})
