/** Each worker has a cgroup of its own, and what is in it ends with it, on real processes. */
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmdirSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { Cgroups } from "../../../src/leaf/keeper/Cgroups.ts"
import { NoCgroups } from "../../../src/leaf/keeper/cgroupHere.ts"
import { makeKeeperSpawner } from "../../../src/leaf/keeper/KeeperSpawner.ts"
import { keeperProgram } from "../../../src/leaf/keeper/program.ts"
import { linkOf, readStat } from "../../../src/leaf/os/proc.ts"
import { groupsIn, ownCgroup, withoutCgroups } from "../../cgroup.ts"
import { eventually, isAlive, LeafRecorder } from "../LeafRecorder.ts"

const program = keeperProgram()
const it = test.skipIf(withoutCgroups || typeof program !== "string")

/** Those of the trees of this process. */
const ours = (): ReadonlyArray<string> => groupsIn(ownCgroup).filter((name) => name.startsWith(`supervise-${process.pid}-`))

const made: Array<string> = []
beforeEach(() => {
  process.env.SUPERVISE_CGROUPS = "1"
})
afterEach(() => {
  delete process.env.SUPERVISE_CGROUPS
  for (const folder of made.splice(0).toReversed()) if (existsSync(folder)) rmdirSync(folder)
})

function make(name: string): string {
  const folder = join(ownCgroup, name)
  mkdirSync(folder)
  made.push(folder)
  return folder
}

function recorder(onLost = () => {}) {
  const spawner = makeKeeperSpawner({ program: program as string, onLost })
  return { w: new LeafRecorder(spawner), spawner }
}

/** Leaves its group, clears its environment, and outlives its parent, so nothing else tells whose it is. */
const STRAY = `(env -i setsid /bin/sh -c "trap '' TERM; echo \\$\\$; while :; do /bin/sleep 1000; done" &)`

it("what has left its group, its parent and its environment ends with its worker", async () => {
  const { w, spawner } = recorder()
  w.sh(`${STRAY}; exec sleep 1000`, { shutdown: 200 })
  const stray = Number((await w.line(/^\d+$/)).text)
  expect(ours().map((name) => name.split("/")[1])).toEqual([undefined, w.path.slice(1).replaceAll("/", ":")])
  w.stop(200)
  expect((await w.event("Exited")).strays).toContain(stray)
  expect(isAlive(stray)).toBe(false)
  expect(ours()).toHaveLength(1)
  await spawner.close()
  expect(ours()).toEqual([])
})

it("it does not without cgroups, which only SUPERVISE_CGROUPS=1 switches on", async () => {
  delete process.env.SUPERVISE_CGROUPS
  const { w, spawner } = recorder()
  w.sh(`${STRAY}; exec sleep 1000`)
  const stray = Number((await w.line(/^\d+$/)).text)
  expect(ours()).toEqual([])
  w.stop(200)
  await w.event("Exited")
  expect(isAlive(stray)).toBe(true)
  await spawner.close()
  expect(isAlive(stray)).toBe(false)
})

it("what neither keeper nor guard can end any more, as both were killed, is killed by its cgroup", async () => {
  const { w, spawner } = recorder()
  w.sh(`${STRAY}; exec sleep 1000`)
  const stray = Number((await w.line(/^\d+$/)).text)
  const guard = spawner.pid()!
  const keeper = Number(readFileSync(`/proc/${guard}/task/${guard}/children`, "utf8"))
  // The guard first, and at once: what it has heard of the keeper's end it would act on.
  process.kill(guard, "SIGSTOP")
  process.kill(keeper, "SIGKILL")
  process.kill(guard, "SIGKILL")
  expect(await w.event("Exited")).toMatchObject({ isLost: true })
  await eventually("the stray is killed, too", () => !isAlive(stray))
  await spawner.close()
  expect(ours()).toEqual([])
})

const namespaceOf = (pid: number | "self"): string => linkOf(`/proc/${pid}/ns/pid`).replace(/\D/g, "")
const seesAll = process.getuid?.() === 0 && namespaceOf("self") === "4026531836"

it("of ended supervisors is removed what is empty, and only that", () => {
  const namespace = namespaceOf("self")
  const ended = spawnSync("true").pid
  const stat = readStat(process.ppid)
  const startTime = typeof stat === "string" ? 0 : stat.startTime
  const left = make(`supervise-${ended}-1-${namespace}-1`)
  make(`supervise-${ended}-1-${namespace}-1/shop:web`)
  const stay = [make(`supervise-${process.ppid}-${startTime}-${namespace}-7`), make("supervise-my-own")]
  const cgroups = Cgroups.make()
  expect(cgroups).toBeInstanceOf(Cgroups)
  expect(existsSync(left)).toBe(false)
  for (const folder of stay) expect(existsSync(folder)).toBe(true)
  ;(cgroups as Cgroups).close()
  expect(ours()).toEqual([])
})

if (!seesAll) console.log("Left out: cgroups of containers, as not all namespaces of processes can be seen here.")

test.skipIf(withoutCgroups || !seesAll)("so is what supervisors in containers have left, when these are gone", async () => {
  const container = spawn("unshare", ["--pid", "--fork", "--kill-child", "sleep", "1000"], { stdio: "ignore" })
  let other = ""
  await eventually("it runs", () => {
    const child = readFileSync(`/proc/${container.pid}/task/${container.pid}/children`, "utf8").trim()
    other = child === "" ? "" : namespaceOf(Number(child))
    return other !== "" && other !== namespaceOf("self")
  })
  const folder = make(`supervise-9-1-${other}-1`)
  ;(Cgroups.make() as Cgroups).close()
  expect(existsSync(folder)).toBe(true)
  container.kill("SIGKILL")
  await eventually("what it has left is removed", () => {
    ;(Cgroups.make() as Cgroups).close()
    return !existsSync(folder)
  })
})

it("each tree of a process has its own, and a long path a short name", () => {
  const [one, other] = [Cgroups.make() as Cgroups, Cgroups.make() as Cgroups]
  expect(one.of("/shop/web")).toMatch(/\/supervise-[\d-]+-1\/shop:web$/)
  expect(other.of("/shop/web")).toMatch(/\/supervise-[\d-]+-2\/shop:web$/)
  const long = `/${"a".repeat(200)}/${"b".repeat(200)}`
  expect(one.of(long)).toMatch(/\/:[0-9a-f]{64}$/)
  expect(one.of(`${long}/c`)).not.toBe(one.of(long))
  one.close()
  other.close()
})

test("there are none where none can be made, and that is said", () => {
  expect(Cgroups.make("/no/such/group")).toEqual(new NoCgroups({ because: "none can be made in /no/such/group (ENOENT)" }))
})
