/** How leaves start, run and end under the keeper, on real processes. */
import { existsSync } from "node:fs"
import { afterEach, expect } from "vitest"
import { type DrivenKeeper, endOf, it, keeperUnderTest, RELEASED, startKeeper, startProgram } from "./DrivenKeeper.ts"
import { KILL, NO_LEAF, words } from "./frames.ts"

let keeper: DrivenKeeper

const start = async (...args: ReadonlyArray<string>): Promise<DrivenKeeper> => {
  keeper = startKeeper(...args)
  await keeper.hello()
  return keeper
}

/** Each test ends with a tree that stops as asked, and a keeper that has nothing to complain of. */
afterEach(async () => {
  if (!keeper.ended) keeper.send("QUIT")
  expect(await keeper.exited).toBe(0)
  expect(keeper.complaints()).toBe("")
})

it("runs a program and tells how it ended", async () => {
  const k = await start()
  k.send("ENV", Buffer.from("PATH=/usr/bin:/bin\0GREETING=hello\0"))
  k.spawn({ argv: ["sh", "-c", "echo $GREETING $SUPERVISE_PATH $SUPERVISE_INCARNATION; echo oh >&2; exit 3"], flags: 3 })
  expect((await k.event("SPAWNED")).bytes.readBigUInt64LE(32)).toBeGreaterThan(0n)
  const exited = await k.event("EXITED")
  expect(endOf(exited)).toEqual({ code: 3, flags: 0, strays: [] })
  expect(exited.bytes.readBigUInt64LE(48)).toBeGreaterThan(100n) // KiB in memory
  expect(k.output()).toBe("hello /root/0 1\n")
  expect(k.output(0, 2)).toBe("oh\n")
})

it("starts and stops programs as it is released, too", async () => {
  keeper = startProgram(keeperUnderTest(RELEASED), [])
  await keeper.hello()
  for (let leaf = 0; leaf < 20; leaf++)
    keeper.spawn({ leaf, argv: [leaf % 2 === 0 ? "/bin/sleep" : "sleep", "1000"], fd: leaf === 7 ? 200 : 0, ready: leaf === 7 ? 2 : 0 })
  for (let leaf = 0; leaf < 20; leaf++) {
    await keeper.pid(leaf)
    keeper.send("STOP", words(leaf, 1, 5000, 0))
    expect(endOf(await keeper.event("EXITED", leaf))).toMatchObject({ signal: 15 })
  }
})

it("tells death by a real-time signal and a core dump from success", async () => {
  const k = await start()
  k.spawn({ argv: ["sh", "-c", "kill -40 $$"] })
  expect(endOf(await k.event("EXITED"))).toEqual({ signal: 40, flags: 0, strays: [] })
})

it.each([
  { what: "a command that does not exist", argv: ["no-such-command"], errno: 2, stage: 4 },
  { what: "a file that is not executable", argv: ["/etc/passwd"], errno: 13, stage: 4 },
  { what: "a folder that does not exist", argv: ["true"], cwd: "/no/such/folder", errno: 2, stage: 3 },
  { what: "a cgroup that is none", argv: ["true"], cgroup: "/no/such/cgroup", errno: 2, stage: 7 }
])("says why it did not start: $what", async ({ errno, stage, what: _, ...spec }) => {
  const k = await start()
  k.spawn(spec)
  const { bytes } = await k.event("NOT_STARTED")
  expect([bytes.readUInt32LE(24), bytes.readUInt32LE(28)]).toEqual([errno, stage])
})

it("starts an incarnation once, and none beside another", async () => {
  const k = await start()
  k.spawn({ argv: ["sleep", "1000"] })
  const pid = await k.pid()
  k.send("SPAWN", words(0, 1, NO_LEAF, 0))
  k.send("SPAWN", words(0, 2, NO_LEAF, 0))
  const { bytes } = await k.event("NOT_STARTED", 0, 2)
  expect([24, 28, 32, 36].map((at) => bytes.readUInt32LE(at))).toEqual([10001, 0, 1, pid])
  k.send("STOP", words(0, 2, 0, 0))
  k.send("STOP", words(0, 1, 5000, 0))
  expect(endOf(await k.event("EXITED"))).toEqual({ signal: 15, flags: 4, strays: [] })
  k.send("SPAWN", words(0, 3, NO_LEAF, 0))
  await k.pid(0, 3)
  expect(k.frames.filter((f) => f.type === "SPAWNED")).toHaveLength(2)
})

it("kills what ignores the stop signal when its time is over", async () => {
  const k = await start()
  k.spawn({ argv: ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"], flags: 1 })
  await k.event("OUTPUT")
  k.send("STOP", words(0, 1, 200, 0))
  const { flags, ...end } = endOf(await k.event("EXITED"))
  expect({ ...end, flags }).toEqual({ signal: 9, flags: 4 + 8, strays: [] })
})

it("ends the rest of a group whose leader has ended", async () => {
  const k = await start()
  k.spawn({ argv: ["sh", "-c", "sleep 1000 & (trap '' TERM; while :; do sleep 0.05; done) & sleep 0.1; exit 1"], shutdown: 200 })
  expect(endOf(await k.event("LEADER_ENDED"))).toMatchObject({ code: 1 })
  expect(endOf(await k.event("EXITED"))).toMatchObject({ code: 1, flags: 8 })
})

it("stops only the leader where that is asked, and kills what it leaves", async () => {
  const k = await start()
  k.spawn({
    argv: ["sh", "-c", "(trap 'echo no' TERM; echo up; while :; do sleep 0.05; done) & trap 'exit 7' TERM; while :; do sleep 0.05; done"],
    toLeader: true,
    flags: 1
  })
  await k.event("OUTPUT")
  k.send("STOP", words(0, 1, 5000, 0))
  expect(endOf(await k.event("EXITED"))).toMatchObject({ code: 7 })
  expect(k.output()).toBe("up\n")
})

it("ends daemons that have left the group with their leaf, and names them", async () => {
  const k = await start()
  const daemon = "setsid sh -c 'sleep 1000 & setsid sleep 1000 & wait' & sleep 0.3; echo up"
  k.spawn({ argv: ["sh", "-c", `${daemon}; exit 0`], flags: 1 })
  const { strays } = endOf(await k.event("LEADER_ENDED"))
  expect(strays.length).toBeGreaterThanOrEqual(3)
  expect(endOf(await k.event("EXITED")).strays).toEqual(strays)
  for (const pid of strays) expect(existsSync(`/proc/${pid}`)).toBe(false)
})

it("leaves the daemons of another leaf alone", async () => {
  const k = await start()
  k.spawn({ leaf: 1, argv: ["sh", "-c", "(setsid sleep 1001 &); sleep 1002"] })
  k.spawn({ leaf: 2, argv: ["sh", "-c", "sleep 0.3"] })
  expect(endOf(await k.event("EXITED", 2)).strays).toEqual([])
  k.send("STOP", words(1, 1, 5000, 0))
  expect(endOf(await k.event("EXITED", 1)).strays).toHaveLength(1)
})

it("names what belongs to no leaf when the tree ends", async () => {
  const k = await start()
  k.spawn({ argv: ["sh", "-c", "env -i setsid /bin/sleep 1000 & sleep 0.3"] })
  expect(endOf(await k.event("EXITED")).strays).toEqual([])
  k.send("QUIT")
  const { bytes } = await k.next((f) => f.type === "STRAYS")
  expect(bytes.readUInt32LE(8)).toBe(1)
  await k.exited
  expect(existsSync(`/proc/${bytes.readUInt32LE(16)}`)).toBe(false)
})

it("runs a thousand at once", async () => {
  const k = await start()
  const count = 1_000
  for (let leaf = 0; leaf < count; leaf++) k.spawn({ leaf, argv: ["sleep", "1000"] })
  for (let leaf = 0; leaf < count; leaf++) await k.event("SPAWNED", leaf)
  for (let leaf = 0; leaf < count; leaf++) k.send("STOP", words(leaf, 1, leaf % 2 === 0 ? 5000 : KILL, 0))
  for (let leaf = 0; leaf < count; leaf++) expect(endOf(await k.event("EXITED", leaf)).signal).toBe(leaf % 2 === 0 ? 15 : 9)
})

it("starts a chain with one write, and nothing after a link that is missing", async () => {
  const k = await start()
  for (const leaf of [1, 2, 4]) k.spec({ leaf, argv: ["sleep", "1000"] })
  k.spec({ leaf: 3, argv: ["no-such-command"] })
  k.send("SPAWN", words(1, 1, NO_LEAF, 0))
  k.send("SPAWN", words(2, 1, 1, 1))
  k.send("SPAWN", words(3, 1, 2, 1))
  k.send("SPAWN", words(4, 1, 3, 1))
  await k.pid(1)
  await k.pid(2)
  expect((await k.event("NOT_STARTED", 3)).bytes.readUInt32LE(24)).toBe(2)
  expect((await k.event("NOT_STARTED", 4)).bytes.readUInt32LE(24)).toBe(10004)
})

it("answers a signal", async () => {
  const k = await start()
  k.spawn({ argv: ["sh", "-c", "trap 'echo usr1' USR1; echo up; while :; do sleep 0.05; done"], flags: 1 })
  await k.event("OUTPUT")
  k.send("SIGNAL", Buffer.concat([words(0, 1), Buffer.from([10, 0, 0, 0]), words(77)]))
  k.send("SIGNAL", Buffer.concat([words(0, 9), Buffer.from([10, 0, 0, 0]), words(78)]))
  const answers = [await k.next((f) => f.type === "SIGNALLED"), await k.next((f) => f.type === "SIGNALLED")]
  expect(answers.map(({ bytes }) => [bytes.readUInt32LE(0), bytes.readUInt32LE(4)])).toEqual([
    [77, 0],
    [78, 3]
  ])
  await k.next((f) => f.type === "OUTPUT" && f.bytes.subarray(24).toString() === "usr1\n")
})
