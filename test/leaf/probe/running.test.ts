/** Checks of a process through /proc, of a real one and of made-up ones. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, expect, it, vi } from "vitest"
import { parseStat } from "../../../src/leaf/os/proc.ts"
import { running as runningCheck } from "../../../src/leaf/probe/running.ts"
import { running } from "../../../src/tree/constructors.ts"
import { temporaryFolder } from "../../runtime/processes.ts"
import { decoded, run, runSpec } from "./checks.ts"

const children: Array<ChildProcess> = []
afterEach(() => {
  vi.useRealTimers()
  for (const child of children.splice(0)) child.kill("SIGKILL")
})

it("a process that exists is well, and so is one within its limits", async () => {
  const { startTime } = parseStat(readFileSync("/proc/self/stat", "latin1"))!
  expect(await runSpec(running(), { startTime })).toBeUndefined()
  expect(await runSpec(running({ memory: "100 GiB", cpu: 1000 }), { startTime })).toBeUndefined()
  expect(await runSpec(running({ memory: "1 MiB" }))).toMatch(/^uses \d+ MiB, 1\.0 MiB allowed$/)
})

it("one that has ended is gone, and its number may be another's", async () => {
  const child = spawn("true", { stdio: "ignore" })
  await once(child, "exit")
  expect(await runSpec(running(), { pid: child.pid! })).toBe("its process is gone")
  expect(await runSpec(running(), { pid: 0 })).toBe("its process is gone")
  expect(await runSpec(running(), { startTime: 1 })).toBe(`its process is gone: pid ${process.pid} is another process now`)
})

/** A /proc with one made-up process. */
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
  expect(await run(check, { pid: 77 })).toBeUndefined()
  is("Z")
  expect(await run(check, { pid: 77 })).toBe("is a zombie")
})

it("memory is reported in MiB", async () => {
  const { proc, is } = made()
  const check = runningCheck(decoded(running({ memory: "512 MiB" })), proc)
  is("S", 0, 512 * 1024)
  expect(await run(check, { pid: 77 })).toBeUndefined()
  is("S", 0, 612 * 1024)
  expect(await run(check, { pid: 77 })).toBe("uses 612 MiB, 512 MiB allowed")
})

it("CPU time is measured from one check to the next, within one incarnation", async () => {
  vi.useFakeTimers({ toFake: ["performance"] })
  const { proc, is } = made()
  const check = runningCheck(decoded(running({ cpu: 1.5 })), proc)
  const after = (seconds: number, ticks: number, startTime = 5) => {
    vi.advanceTimersByTime(seconds * 1000)
    is("S", ticks, 100, startTime)
    return run(check, { pid: 77 })
  }
  expect(await after(0, 10_000)).toBeUndefined()
  expect(await after(10, 10_700)).toBeUndefined()
  expect(await after(10, 11_700)).toBe("uses 2.00 cores, 1.5 allowed")
  expect(await after(0.1, 12_700)).toBeUndefined()
  expect(await after(9.9, 12_700)).toBe("uses 2.00 cores, 1.5 allowed")
  expect(await after(10, 99_000, 6)).toBeUndefined()
  expect(await after(10, 99_500, 6)).toBeUndefined()
})

it("without /proc only its existence can be checked", async () => {
  const proc = join(temporaryFolder(), "none")
  const child = spawn("sleep", ["1000"], { stdio: "ignore" })
  children.push(child)
  expect(await run(runningCheck(decoded(running()), proc), { pid: child.pid! })).toBeUndefined()
  expect(await run(runningCheck(decoded(running({ cpu: 1 })), proc), { pid: child.pid! })).toBe(
    "its memory and CPU time cannot be measured: this machine has no /proc"
  )
  child.kill("SIGKILL")
  await once(child, "exit")
  expect(await run(runningCheck(decoded(running()), proc), { pid: child.pid! })).toBe("its process is gone")
})
