/** Ten thousand may wait for a change of the same files: they all hear of it, and none of them costs a timer or a look of its own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, it } from "vitest"
import { ProgramChanges } from "../../../src/leaf/watch/ProgramChanges.ts"
import { eventually } from "../witness.ts"

const MANY = 10_000
const cwd = mkdtempSync(join(tmpdir(), "supervise-changes-"))
const changes = new ProgramChanges()
afterEach(() => {
  changes.close()
  rmSync(cwd, { recursive: true, force: true })
})

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length

it("one look is for all who wait, whoever is forgotten hears nothing, and who was told waits no longer", async () => {
  writeFileSync(join(cwd, "job.js"), "")
  const told = new Map<string, number>()
  const [cpu, before] = [process.cpuUsage(), timers()]
  // A list of arguments may be as long as the system allows; not all of them are looked at.
  const argv = ["node", "job.js", "x".repeat(100_000), ...Array.from({ length: MANY }, (_, n) => `argument${n}`)]
  for (let n = 0; n < MANY; n++) {
    const name = String(n)
    changes.await(name, { argv, cwd, path: process.env.PATH }, () => void told.set(name, (told.get(name) ?? 0) + 1))
  }
  expect(timers() - before).toBeLessThanOrEqual(1)
  for (let n = 0; n < MANY; n += 2) changes.forget(String(n))
  writeFileSync(join(cwd, "job.js"), "mended")
  await eventually("all who wait are told", () => told.size === MANY / 2)
  expect([...told].every(([name, times]) => Number(name) % 2 === 1 && times === 1)).toBe(true)
  // To look at the two hundred files of each of them would take many seconds.
  const { user, system } = process.cpuUsage(cpu)
  expect((user + system) / 1e6).toBeLessThan(10)
})

it("looks at files among the arguments, and at nothing else that is called like a folder or an option", async () => {
  const folder = mkdtempSync(join(tmpdir(), "supervise-changes-"))
  const others = new ProgramChanges()
  const told: Array<string> = []
  const await_ = (name: string, argument: string): void =>
    others.await(name, { argv: ["/nowhere", argument], cwd: folder, path: "" }, () => void told.push(name))
  await_("file", "job.js")
  await_("word", "job")
  await_("option", "-job.js")
  for (const name of ["job", "-job.js", "job.js"]) writeFileSync(join(folder, name), "made")
  await eventually("the file is seen", () => told.includes("file"))
  await new Promise((resolve) => setTimeout(resolve, 0))
  expect(told).toEqual(["file"])
  others.close()
  rmSync(folder, { recursive: true, force: true })
})
