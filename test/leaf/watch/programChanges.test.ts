/** Ten thousand may wait for a change of the same files: all are notified, and none costs its own timer or check. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, it } from "vitest"
import { ProgramChanges } from "../../../src/leaf/watch/ProgramChanges.ts"
import { eventually } from "../LeafRecorder.ts"

const MANY = 10_000
const cwd = mkdtempSync(join(tmpdir(), "supervise-changes-"))
const changes = new ProgramChanges()
afterEach(() => {
  changes.close()
  rmSync(cwd, { recursive: true, force: true })
})

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length

it("all waiters share one check, a forgotten one is not notified, and a notified one waits no longer", async () => {
  writeFileSync(join(cwd, "job.js"), "")
  const notified = new Map<string, number>()
  const [cpu, before] = [process.cpuUsage(), timers()]
  // A list of arguments may be as long as the system allows; only the first are looked at.
  const argv = ["node", "job.js", "x".repeat(100_000), ...Array.from({ length: MANY }, (_, n) => `argument${n}`)]
  for (let n = 0; n < MANY; n++) {
    const name = String(n)
    changes.await(name, { argv, cwd, path: process.env.PATH ?? "" }, () => void notified.set(name, (notified.get(name) ?? 0) + 1))
  }
  expect(timers() - before).toBeLessThanOrEqual(1)
  for (let n = 0; n < MANY; n += 2) changes.forget(String(n))
  writeFileSync(join(cwd, "job.js"), "fixed")
  await eventually("all waiters are notified", () => notified.size === MANY / 2)
  expect([...notified].every(([name, times]) => Number(name) % 2 === 1 && times === 1)).toBe(true)
  // Checking two hundred files for each of them would take many seconds.
  const { user, system } = process.cpuUsage(cpu)
  expect((user + system) / 1e6).toBeLessThan(10)
})

it("watches arguments that are files or look like file names, but no options and no words", async () => {
  const folder = mkdtempSync(join(tmpdir(), "supervise-changes-"))
  const others = new ProgramChanges()
  const notified: Array<string> = []
  const awaitFile = (name: string, argument: string): void =>
    others.await(name, { argv: ["/nowhere", argument], cwd: folder, path: "" }, () => void notified.push(name))
  awaitFile("file", "job.js")
  awaitFile("word", "job")
  awaitFile("option", "-job.js")
  for (const name of ["job", "-job.js", "job.js"]) writeFileSync(join(folder, name), "created")
  await eventually("the change is seen", () => notified.includes("file"))
  await new Promise((resolve) => setTimeout(resolve, 0))
  expect(notified).toEqual(["file"])
  others.close()
  rmSync(folder, { recursive: true, force: true })
})
