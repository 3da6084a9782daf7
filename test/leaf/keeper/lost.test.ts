/** What becomes of the leaves when the keeper itself ends, or is none. */
import { execFileSync } from "node:child_process"
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import type { KeeperLost } from "../../../src/leaf/keeper/KeeperLost.ts"
import { makeKeeperSpawner } from "../../../src/leaf/keeper/KeeperSpawner.ts"
import { keeperProgram } from "../../../src/leaf/keeper/program.ts"
import { readStat } from "../../../src/leaf/os/proc.ts"
import { eventually, isAlive, LeafRecorder, living } from "../LeafRecorder.ts"

const folder = mkdtempSync(join(tmpdir(), "keeper-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** A program that is no keeper. Descriptor 3 is the connection. */
function script(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
  return file
}

function recorder(program: string) {
  const lost: Array<KeeperLost> = []
  const spawner = makeKeeperSpawner({ program, onLost: (error) => lost.push(error) })
  return { w: new LeafRecorder(spawner), lost, pid: spawner.pid }
}

describe("a program that is no keeper", () => {
  it.each([
    ["ends", () => script("ends", "exit 7"), /^ended with exit code 7$/],
    ["says why", () => script("complains", "echo no memory >&2; exit 70"), /^ended with exit code 70 \(no memory\)$/],
    ["is killed", () => script("killed", "kill -9 $$"), /^was killed by SIGKILL$/],
    ["is not there", () => join(folder, "nothing"), /^could not be started: spawn .* ENOENT$/],
    [
      "does not follow the protocol",
      () => script("garbage", "printf '12345678' >&3; cat <&3 >/dev/null"),
      /^ended with exit code 0 \(sent a frame of 875770417 bytes/
    ],
    [
      "reports of what does not run",
      () => script("stranger", `printf '\\040\\0\\0\\0\\103\\0\\0\\0\\001${"\\0".repeat(31)}' >&3; cat <&3 >/dev/null`),
      /^ended with exit code 0 \(sent an event of leaf 0, which does not run\)$/
    ],
    [
      "refuses us",
      () =>
        script(
          "refuses",
          "printf '\\022\\0\\0\\0\\153\\0\\0\\0\\001\\0\\0\\0\\0\\0\\0\\0\\002\\0\\002\\0\\0\\0\\0\\0no' >&3; cat <&3 >/dev/null"
        ),
      /^ended with exit code 0 \(no\)$/
    ]
  ])("%s: nothing is started, and that is told", async (_, program, because) => {
    const { w, lost } = recorder(program())
    w.spawn(["true"])
    const signalled = w.signal("SIGTERM", "leader")
    const { errno, message } = await w.event("NotStarted")
    expect(errno).toBe("KEEPER")
    expect(lost).toHaveLength(1)
    expect(lost[0]!.because).toMatch(because)
    expect(message).toBe(`the keeper, the parent of all workers, ${lost[0]!.because}`)
    expect(await signalled).toBe(false)
    expect(w.tags()).toEqual(["NotStarted"])
  })

  it("is started again a few times, and then not for a minute", async () => {
    const { w, lost } = recorder(script("again", "exit 1"))
    const tries = 8
    for (let incarnation = 1; incarnation <= tries; incarnation++) {
      w.spawn(["true"], { incarnation })
      await w.event("NotStarted", (event) => event.incarnation === incarnation)
    }
    expect(lost).toHaveLength(5)
    expect(w.events.at(-1)).toMatchObject({
      errno: "KEEPER",
      message: "the keeper, the parent of all workers, ended with exit code 1, 5 times within a minute, so none is started for the moment"
    })
  })
})

const program = keeperProgram()
const keeper = typeof program === "string" ? program : ""

describe.skipIf(keeper === "")("a keeper", () => {
  it("that is killed takes its leaves with it, and another one starts the next", async () => {
    const { w, lost, pid } = recorder(keeper)
    w.sh("trap '' TERM; (trap '' TERM; exec setsid sleep 1000) & echo up; exec sleep 1000")
    w.spawn(["sleep", "1000"], { path: `${w.path}-b` })
    await w.line("up")
    await w.event("Spawned", ({ path }) => path.endsWith("-b"))
    const guard = pid()!
    const { pid: leader } = await w.event("Spawned")
    const stat = readStat(leader)
    const parent = typeof stat === "string" ? 0 : stat.parent
    expect(parent).not.toBe(guard)
    process.kill(parent, "SIGKILL")
    await w.event("Exited", ({ path }) => path === w.path)
    await w.event("Exited", ({ path }) => path.endsWith("-b"))
    expect(living(w.path)).toEqual([])
    expect(lost.map(({ message }) => message)).toEqual([
      `The keeper (pid ${guard}), the parent of all workers, ${lost[0]!.because}. Every process it ran has ended with it; a new one is started for what starts from now on.`
    ])
    w.sh("exit 3", { incarnation: 2 })
    expect(await w.event("Exited", ({ incarnation }) => incarnation === 2)).toMatchObject({ code: 3 })
    w.spawner.acknowledge(Number.POSITIVE_INFINITY)
    expect(w.spawner.kept()).toEqual({ events: 0, bytes: 0 })
  })

  it("whose guard was killed with it leaves no leader", async () => {
    const { w, pid } = recorder(keeper)
    w.sh("trap '' TERM; echo up; while :; do sleep 0.01; done")
    await w.line("up")
    const { pid: leader } = await w.event("Spawned")
    const stat = readStat(leader)
    process.kill(pid()!, "SIGKILL")
    process.kill(typeof stat === "string" ? 0 : stat.parent, "SIGKILL")
    await w.event("Exited")
    expect(living(w.path)).toEqual([])
  })

  it("ends what belongs to no leaf with the tree, and that is said", async () => {
    const ended: Array<{ readonly count: number; readonly pids: ReadonlyArray<number> }> = []
    const spawner = makeKeeperSpawner({ program: keeper, onStrays: (strays) => ended.push(strays) })
    const w = new LeafRecorder(spawner)
    w.sh("setsid env -i sh -c 'echo $$; exec sleep 1000' & wait")
    const pid = Number((await w.line(/^\d+$/)).text)
    w.stop()
    await w.event("Exited")
    expect(isAlive(pid)).toBe(true)
    await spawner.close()
    expect(isAlive(pid)).toBe(false)
    expect(ended).toEqual([expect.objectContaining({ count: 1, pids: [pid] })])
  })

  it("ends with its spawner", async () => {
    const { w, pid } = recorder(keeper)
    w.spawn(["sleep", "1000"])
    await w.event("Spawned")
    const guard = pid()!
    w.spawner.close()
    await eventually("it has ended", () => !isAlive(guard))
  })
})

it("an end that was heard is told once, also if the keeper ends while what a check has left still goes on", async () => {
  const program = keeperProgram()
  if (typeof program !== "string") return
  const { w, lost } = recorder(program)
  const env = { SUPERVISE_SUPERVISOR: `${process.pid} ${w.path}` }
  w.spawn(["sleep", "1000"], { env, hasCommands: true, shutdown: 1_500 })
  const { pid } = await w.event("Spawned")
  const marks = { ...process.env, ...env, SUPERVISE_PATH: w.path, SUPERVISE_INCARNATION: "1" }
  const stubborn = `setsid sh -c "trap '' TERM; while :; do sleep 0.05; done" >/dev/null 2>&1 & echo $!`
  const stray = Number(execFileSync("sh", ["-c", stubborn], { env: marks, encoding: "utf8" }))
  const leader = readStat(pid)
  w.stop(1_500)
  await w.event("LeaderEnded")
  process.kill((leader as Exclude<typeof leader, string>).parent, "SIGKILL")
  expect(await w.event("Exited")).toMatchObject({ signal: "SIGTERM", strays: expect.arrayContaining([stray]) })
  await eventually("the keeper is missed", () => lost.length === 1)
  expect(w.tags().filter((tag) => tag === "Exited")).toHaveLength(1)
  expect(isAlive(stray)).toBe(false)
})
