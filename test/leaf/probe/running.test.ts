/** What /proc says of a process, of a real one and of made-up ones. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, expect, it, vi } from "vitest"
import { parseStat } from "../../../src/leaf/os/proc.ts"
import { running as runningCheck } from "../../../src/leaf/probe/running.ts"
import { running } from "../../../src/tree/constructors.ts"
import { temporaryFolder } from "../../runtime/processes.ts"
import { ask, asked, decoded } from "./asking.ts"

const children: Array<ChildProcess> = []
afterEach(() => {
  vi.useRealTimers()
  for (const child of children.splice(0)) child.kill("SIGKILL")
})

it("a process that is there is well, and within limits that are wide enough", async () => {
  const { startTime } = parseStat(readFileSync("/proc/self/stat", "latin1"))!
  expect(await ask(running(), { startTime })).toBeUndefined()
  expect(await ask(running({ memory: "100 GiB", cpu: 1000 }), { startTime })).toBeUndefined()
  expect(await ask(running({ memory: "1 MiB" }))).toMatch(/^uses \d+ MiB, 1\.0 MiB allowed$/)
})

it("one that has ended is gone, and its number may be another's", async () => {
  const child = spawn("true", { stdio: "ignore" })
  await once(child, "exit")
  expect(await ask(running(), { pid: child.pid! })).toBe("its process is gone")
  expect(await ask(running(), { pid: 0 })).toBe("its process is gone")
  expect(await ask(running(), { startTime: 1 })).toBe(`its process is gone: pid ${process.pid} is another one now`)
})

/** A /proc of our own, in which one process does as it is told. */
function made(): { readonly proc: string; readonly is: (state: string, ticks?: number, kB?: number, startTime?: number) => void } {
  const proc = temporaryFolder()
  for (const name of ["self", "77"]) mkdirSync(join(proc, name))
  writeFileSync(join(proc, "self/stat"), "")
  const is = (state: string, ticks = 0, kB = 100, startTime = 5) => {
    const before = [state, 1, 77, 77, 0, -1, 0, 0, 0, 0, 0, ticks, ticks, 0, 0, 20, 0, 1, 0, startTime]
    writeFileSync(join(proc, "77/stat"), `77 (a) b) ${before.join(" ")} 0 0\n`)
    writeFileSync(join(proc, "77/status"), `Name:\ta\nVmRSS:\t${kB} kB\n`)
  }
  is("S")
  return { proc, is }
}

it("a zombie is not well", async () => {
  const { proc, is } = made()
  const check = runningCheck(decoded(running()), proc)
  expect(await asked(check, { pid: 77 })).toBeUndefined()
  is("Z")
  expect(await asked(check, { pid: 77 })).toBe("is a zombie")
})

it("memory is told in MiB", async () => {
  const { proc, is } = made()
  const check = runningCheck(decoded(running({ memory: "512 MiB" })), proc)
  is("S", 0, 512 * 1024)
  expect(await asked(check, { pid: 77 })).toBeUndefined()
  is("S", 0, 612 * 1024)
  expect(await asked(check, { pid: 77 })).toBe("uses 612 MiB, 512 MiB allowed")
})

it("processor time is counted from one look to the next, of one life", async () => {
  vi.useFakeTimers({ toFake: ["performance"] })
  const { proc, is } = made()
  const check = runningCheck(decoded(running({ cpu: 1.5 })), proc)
  const after = (seconds: number, ticks: number, startTime = 5) => {
    vi.advanceTimersByTime(seconds * 1000)
    is("S", ticks, 100, startTime)
    return asked(check, { pid: 77 })
  }
  expect(await after(0, 10_000)).toBeUndefined()
  expect(await after(10, 10_700)).toBeUndefined()
  expect(await after(10, 11_700)).toBe("uses 2.00 cores, 1.5 allowed")
  expect(await after(0.1, 12_700)).toBeUndefined()
  expect(await after(9.9, 12_700)).toBe("uses 2.00 cores, 1.5 allowed")
  expect(await after(10, 99_000, 6)).toBeUndefined()
  expect(await after(10, 99_500, 6)).toBeUndefined()
})

it("where there is no /proc, only whether it is there can be told", async () => {
  const proc = join(temporaryFolder(), "none")
  const child = spawn("sleep", ["1000"], { stdio: "ignore" })
  children.push(child)
  expect(await asked(runningCheck(decoded(running()), proc), { pid: child.pid! })).toBeUndefined()
  expect(await asked(runningCheck(decoded(running({ cpu: 1 })), proc), { pid: child.pid! })).toBe(
    "its memory and processor time cannot be seen: this machine has no /proc"
  )
  child.kill("SIGKILL")
  await once(child, "exit")
  expect(await asked(runningCheck(decoded(running()), proc), { pid: child.pid! })).toBe("its process is gone")
})
