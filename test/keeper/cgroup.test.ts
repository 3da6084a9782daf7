/** The cgroup of a leaf under the keeper: it is born in it, and whatever is in it ends with it. */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs"
import { afterEach, expect, test } from "vitest"
import { groupsIn, ownCgroup, withoutCgroups } from "../cgroup.ts"
import { native, withoutCc } from "../runtime/native.ts"
import { eventually } from "../runtime/processes.ts"
import { type DrivenKeeper, endOf, keeperUnderTest, startKeeper } from "./DrivenKeeper.ts"
import { KILL, words } from "./frames.ts"

const it = test.skipIf(withoutCc || withoutCgroups)

const tree = `${ownCgroup}/keeper-test-${process.pid}`
const cgroup = `${tree}/leaf`
let keeper: DrivenKeeper

async function start(): Promise<DrivenKeeper> {
  keeper = startKeeper()
  await keeper.hello()
  return keeper
}

/** Nothing of a tree is left, its group included, when its keeper has ended. */
afterEach(async () => {
  if (keeper === undefined) return
  if (!keeper.ended) keeper.send("QUIT")
  expect(await keeper.exited).toBe(0)
  expect(keeper.complaints()).toBe("")
  expect(existsSync(tree)).toBe(false)
})

it("is where it begins, and is made with the one above it", async () => {
  const k = await start()
  k.spawn({ argv: ["sh", "-c", "grep ^0:: /proc/self/cgroup"], cgroup, flags: 1 })
  await k.event("EXITED")
  expect(k.output()).toMatch(/^0::.*\/keeper-test-\d+\/leaf\n$/)
  const { ino } = statSync(cgroup)
  k.send("SPAWN", words(0, 2, 0xffffffff, 0))
  await k.event("EXITED", 0, 2)
  expect(statSync(cgroup).ino).toBe(ino)
  rmdirSync(cgroup)
  rmdirSync(tree)
  k.send("SPAWN", words(0, 3, 0xffffffff, 0))
  await k.event("EXITED", 0, 3)
  expect(groupsIn(tree)).toEqual(["leaf"])
  k.send("GONE", words(0))
  await k.settled()
  expect(existsSync(tree)).toBe(false)
})

it("is another when its SPEC names another", async () => {
  const k = await start()
  k.spawn({ argv: ["true"], cgroup })
  await k.event("EXITED")
  k.spawn({ argv: ["true"], cgroup: `${cgroup}-2` }, 2)
  await k.event("EXITED", 0, 2)
  expect(groupsIn(tree)).toEqual(["leaf-2"])
  k.send("GONE", words(0))
  await k.settled()
  expect(existsSync(tree)).toBe(false)
})

it("may have been killed as a whole before: what starts in it then runs all the same", async () => {
  mkdirSync(tree)
  mkdirSync(cgroup)
  writeFileSync(`${cgroup}/cgroup.kill`, "1")
  const k = await start()
  k.spawn({ argv: ["sh", "-c", "grep ^0:: /proc/self/cgroup; exit 7"], cgroup, flags: 1 })
  expect(endOf(await k.event("EXITED"))).toMatchObject({ code: 7 })
  expect(k.output()).toMatch(/\/leaf\n$/)
})

it("tells what has left the group and says nothing of itself", async () => {
  const k = await start()
  k.spawn({
    argv: ["sh", "-c", "env -i setsid /bin/sh -c \"trap '' TERM; while :; do /bin/sleep 1; done\" & sleep 0.3"],
    cgroup,
    shutdown: 200
  })
  expect(endOf(await k.event("EXITED")).strays.length).toBeGreaterThan(0)
})

it("ends what nothing can catch by pid, in one go", { timeout: 60_000 }, async () => {
  const k = await start()
  k.spawn({ argv: [native("hoppers"), "30"], cgroup, flags: 1 })
  await k.event("OUTPUT")
  k.send("STOP", words(0, 1, KILL, 0))
  expect(endOf(await k.event("EXITED"))).toMatchObject({ signal: 9 })
  expect(spawnSync("pgrep", ["-x", "hoppers"]).status, "none is left").toBe(1)
})

it("has groups of its own within: what is in them is the leaf's, and they are removed", async () => {
  const k = await start()
  const inner = `${cgroup}/inner/most`
  const within = `mkdir -p ${inner}; env -i setsid /bin/sleep 1000 & echo $! > ${inner}/cgroup.procs; sleep 0.1`
  k.spawn({ argv: ["sh", "-c", within], cgroup, shutdown: 5_000 })
  expect(endOf(await k.event("LEADER_ENDED"))).toMatchObject({ code: 0 })
  expect(endOf(await k.event("EXITED")).strays).toHaveLength(1)
  expect(existsSync(cgroup)).toBe(false)
})

it("stays as long as something of another is in it", async () => {
  const k = await start()
  k.spawn({ argv: ["sleep", "1000"], cgroup })
  await k.pid()
  mkdirSync(`${cgroup}/of-another`)
  const other = startKeeper()
  await other.hello()
  other.spawn({ argv: ["sleep", "1000"] })
  const pid = await other.pid()
  k.send("STOP", words(0, 1, 5_000, 0))
  await k.event("EXITED")
  expect([existsSync(cgroup), existsSync(`/proc/${pid}`)]).toEqual([false, true])
  other.send("QUIT")
  await other.exited
})

it("cannot be had where there is no hierarchy", async () => {
  const k = await start()
  k.spawn({ argv: ["true"], cgroup: `/tmp/keeper-test-${process.pid}` })
  const { bytes } = await k.event("NOT_STARTED")
  rmdirSync(`/tmp/keeper-test-${process.pid}`)
  expect([bytes.readUInt32LE(24), bytes.readUInt32LE(28)]).toEqual([9, 7]) // EBADF
})

const canMark = spawnSync("setfattr", ["--version"]).status === 0
if (!canMark) console.log("Left out: what systemd has delegated, as there is no setfattr (apt-get install attr).")

test.skipIf(withoutCc || withoutCgroups || !canMark)("knows by its mark what systemd has left to others", async () => {
  mkdirSync(tree)
  const isDelegated = () => spawnSync(keeperUnderTest(), ["--is-delegated", tree]).status
  try {
    expect(isDelegated()).toBe(1)
    execFileSync("setfattr", ["-n", "user.delegate", "-v", "1", tree])
    expect(isDelegated()).toBe(0)
    execFileSync("setfattr", ["-n", "user.delegate", "-v", "0", tree])
    expect(isDelegated()).toBe(1)
  } finally {
    rmdirSync(tree)
  }
})

it("is left by none when the whole tree is killed", async () => {
  const k = await start()
  for (let leaf = 0; leaf < 20; leaf++) {
    k.spawn({ leaf, argv: ["sh", "-c", "env -i setsid /bin/sleep 1000 & exec sleep 1000"], cgroup: `${tree}/${leaf}` })
    await k.pid(leaf)
  }
  const pids = await eventually("all run", () => {
    const found = groupsIn(tree).flatMap((name) => readFileSync(`${tree}/${name}/cgroup.procs`, "utf8").trim().split("\n"))
    return found.length === 40 && found
  })
  k.send("KILL_ALL")
  for (let leaf = 0; leaf < 20; leaf++) await k.event("EXITED", leaf)
  for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false)
})
