/** The keeper sends the output that is wanted, and no other. */
import { afterEach, describe, expect, it, vi } from "vitest"
import { makeKeeperSpawner } from "../../../src/leaf/keeper/KeeperSpawner.ts"
import { keeperProgram } from "../../../src/leaf/keeper/program.ts"
import { Reports } from "../../../src/leaf/keeper/Reports.ts"
import { readStat } from "../../../src/leaf/os/proc.ts"
import { LeafRecorder } from "../LeafRecorder.ts"

const program = keeperProgram()
if (typeof program !== "string") {
  if (process.env.REQUIRE_ALL === "1") throw program
  console.log(`Left out: which output the keeper sends, as ${program.because} (npm run keeper).`)
}

/** Prints a line for each SIGUSR1, and `bye` at its end. */
const ANSWERS = "n=0; trap 'n=$((n+1)); echo $n' USR1; trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done"

/** Nothing is wanted at first. `frames` counts those with output that come. */
function recorder() {
  const add = vi.spyOn(Reports.prototype, "add")
  const w = new LeafRecorder(makeKeeperSpawner({ program: program as string, onLost: () => {} }))
  w.spawner.wantOutput(false)
  return { w, frames: () => add.mock.calls.filter(([{ _tag }]) => _tag === "Output").length }
}

/** Answers when all that was sent before has been dealt with, by the keeper and by the leaf. */
async function says(w: LeafRecorder, text: string): Promise<void> {
  expect(await w.signal("SIGUSR1", "leader")).toBe(true)
  await w.line(text)
}

afterEach(() => void vi.restoreAllMocks())

describe.skipIf(typeof program !== "string")("output that comes from the keeper", () => {
  it("is none if nothing wants it, however much is printed", async () => {
    const { w, frames } = recorder()
    w.sh("seq 100000; echo wrong >&2")
    await w.event("Exited")
    expect(frames()).toBe(0)
    expect(w.tags()).toEqual(["Spawned", "Ready", "Exited"])
    expect(w.texts()).toEqual([])
  })

  it.each([
    ["by a line", { type: "line", pattern: "^up$" }, "echo first; echo up; echo also"],
    ["on a descriptor", { type: "fd", fd: 3 }, "echo first; echo up; sleep 0.1; echo >&3"]
  ] as const)("comes until it is ready %s, and then no more", async (_, ready, start) => {
    const { w, frames } = recorder()
    w.sh(`${start}; trap 'seq 100; exit 0' USR1; while :; do sleep 0.01; done`, { ready, output: "untilReady" })
    await w.event("Ready")
    const before = frames()
    expect(before).toBeGreaterThan(0)
    expect(w.texts().slice(0, 2)).toEqual(["first", "up"])
    expect(await w.signal("SIGUSR1", "leader")).toBe(true) // the answer comes after what was on its way
    const atReady = frames()
    await w.event("Exited")
    expect(frames()).toBe(atReady)
    expect(w.texts()).not.toContain("100")
  })

  it("comes as long as it runs if it is watched by that", async () => {
    const { w } = recorder()
    w.sh(ANSWERS, { output: "always", ready: { type: "line", pattern: "up" } })
    await w.event("Ready")
    await says(w, "1")
    w.stop()
    await w.event("Exited")
    expect(w.texts()).toEqual(["up", "1", "bye"])
  })

  it("comes from when it is wanted until it is not, across incarnations", async () => {
    const { w, frames } = recorder()
    w.sh(ANSWERS, { ready: { type: "line", pattern: "up" } })
    await w.event("Ready")
    w.spawner.wantOutput(true)
    w.spawner.wantOutput(true)
    await says(w, "1")
    w.stop()
    await w.event("Exited")
    expect(w.texts()).toEqual(["up", "1", "bye"])
    w.sh("echo again", { incarnation: 2 })
    await w.event("Exited", ({ incarnation }) => incarnation === 2)
    expect(w.texts().at(-1)).toBe("again")
    w.spawner.wantOutput(false)
    const before = frames()
    w.sh("echo and again", { incarnation: 3 })
    await w.event("Exited", ({ incarnation }) => incarnation === 3)
    expect(frames()).toBe(before)
  })

  it("is wanted of a new keeper, too", async () => {
    const { w } = recorder()
    w.spawner.wantOutput(true)
    w.sh("echo up; exec sleep 1000")
    await w.line("up")
    const leader = readStat((await w.event("Spawned")).pid)
    process.kill(typeof leader === "string" ? 0 : leader.parent, "SIGKILL")
    await w.event("Exited")
    w.sh("echo there", { incarnation: 2 })
    w.sh("echo new", { path: `${w.path}-b` })
    await w.line("there")
    await w.line("new")
  })
})
