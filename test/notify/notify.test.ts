/** `supervise/notify` in programs of its own. */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { monotonicMs } from "../../src/leaf/os/monotonic.ts"
import { parseStat } from "../../src/leaf/os/proc.ts"
import { eventually, fixture, isAlive, prefix, recorder } from "../leaf/LeafRecorder.ts"

const FD_3 = { type: "fd", fd: 3 } as const
const beating = (way: string) => [process.execPath, fixture("beating.ts"), way] as const

it("reports ready once, and beats at most once per interval", async () => {
  const w = recorder()
  w.spawn(beating("work"), { ready: FD_3, beatMs: 20 })
  await w.event("Ready")
  const sent = (await w.beaten(10)).map(({ sentAt }) => sentAt!)
  // Ten beats take at least nine intervals, except that one after a late one may come half an interval early.
  for (let i = 1; i < sent.length; i++) expect(sent[i]! - sent[i - 1]!).toBeGreaterThanOrEqual(10)
  expect(w.tags()).toEqual(["Spawned", "Ready"])
})

it("beats by a timer until that is stopped", async () => {
  const w = recorder()
  w.spawn(beating("timer"), { ready: FD_3, beatMs: 5 })
  await w.beaten(3)
  await w.signal("SIGUSR1", "leader")
  await w.line("stopped")
  // This is written last, so everything before it has been read.
  const { pid } = await w.event("Spawned")
  expect(isAlive(pid)).toBe(true)
  expect(w.lost).toEqual([])
})

it("does not keep a program running", async () => {
  const w = recorder()
  w.spawn(beating("end"), { ready: FD_3, beatMs: 5 })
  expect(await w.event("Exited")).toMatchObject({ code: 0 })
  expect(w.tags()).toEqual(["Spawned", "Ready", "Exited"])
  expect(w.beats).toHaveLength(1)
})

it("reports ready where no beats are wanted, and then does not beat", async () => {
  const w = recorder()
  w.spawn(beating("work"), { ready: FD_3 })
  await w.event("Ready")
  const { pid } = await w.event("Spawned")
  w.stop()
  await w.event("Exited")
  expect(isAlive(pid)).toBe(false)
  expect(w.beats).toEqual([])
})

it("does nothing without a supervisor, or with a descriptor that is not ours", async () => {
  const program = 'import { ready, beat, beating } from "supervise/notify"; ready(); beat(); beating()(); console.log("fine")'
  const strange = [{}, { SUPERVISE_FD: "3" }, { SUPERVISE_FD: "1" }, { SUPERVISE_FD: "999" }, { SUPERVISE_FD: "x" }, { SUPERVISE_FD: "-1" }]
  for (const env of strange) {
    const { SUPERVISE_FD: _, ...clean } = process.env
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: `${import.meta.dirname}/../..`,
      env: { ...clean, SUPERVISE_BEAT_MS: "10", ...env }
    })
    expect(await run, JSON.stringify(env)).toEqual({ stdout: "fine\n", stderr: "" })
  }
})

it("leaves alone the channel of a forked child to its parent, even if the environment names it", async () => {
  const w = recorder()
  w.spawn(beating("fork"), { ready: FD_3, beatMs: 5 })
  await w.line("said hello")
  await w.line("exit 0")
  await w.event("Exited")
})

it("works on the main thread only: a worker thread that ends does not close the descriptor", async () => {
  const w = recorder()
  w.spawn(beating("thread"), { ready: FD_3, beatMs: 5 })
  await w.line("ended")
  await w.beaten(3)
  expect(w.lost).toEqual([])
})

it("goes on after the supervisor has died", async () => {
  const { supervisor, leaf, heard } = await supervised("work")
  try {
    await eventually("it beats", () => heard.some(({ _tag }) => _tag === "Beat"))
    supervisor.kill("SIGKILL")
    await eventually("it is dead", () => supervisor.signalCode !== null)
    const used = cpu(leaf)
    await eventually("the leaf goes on", () => cpu(leaf) > used + 20)
    expect(isAlive(leaf)).toBe(true)
  } finally {
    if (leaf > 1 && isAlive(leaf)) process.kill(leaf, "SIGKILL")
  }
})

it("never waits for a supervisor that is stopped, drops what that does not read, and exits when it is done", async () => {
  const { supervisor, leaf, heard } = await supervised("flood")
  try {
    await eventually("it beats", () => heard.some(({ _tag }) => _tag === "Beat"))
    supervisor.kill("SIGSTOP")
    await eventually("it stands still", () => /^[Tt]/.test(state(supervisor.pid!)))
    process.kill(leaf, "SIGUSR1")
    await eventually("the leaf is through with its flood, and has ended", () => !isAlive(leaf))
    const ended = monotonicMs()
    supervisor.kill("SIGCONT")
    await eventually("its exit is reported", () => heard.some(({ _tag }) => _tag === "Exited"))
    expect(heard.at(-1)).toMatchObject({ _tag: "Exited", code: 0 })
    const beats = heard.filter((one) => one._tag === "Beat")
    expect(beats.length).toBeLessThan(10_000)
    // What had room is read later, and says when it was sent.
    expect(beats.some(({ sentAt, receivedAt }) => sentAt! < ended && receivedAt! > ended)).toBe(true)
    expect(heard.filter(({ _tag }) => _tag === "Ready")).toHaveLength(1)
  } finally {
    supervisor.kill("SIGCONT")
    supervisor.kill("SIGTERM")
  }
})

type Heard = { readonly _tag: string; readonly sentAt?: number; readonly receivedAt?: number; readonly pid?: number }

/** A supervisor in a process of its own, with one worker that is ready. */
async function supervised(
  way: string
): Promise<{ readonly supervisor: ChildProcess; readonly leaf: number; readonly heard: ReadonlyArray<Heard> }> {
  const supervisor = spawn(process.execPath, [fixture("listening.ts"), "node", `${prefix}/${way}`, ...beating(way)], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const heard: Array<Heard> = []
  let rest = ""
  supervisor.stdout!.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk).split("\n")
    rest = lines.pop()!
    for (const line of lines) heard.push(JSON.parse(line))
  })
  await eventually("it is ready", () => heard.some(({ _tag }) => _tag === "Ready"))
  return { supervisor, leaf: heard.find(({ _tag }) => _tag === "Spawned")!.pid!, heard }
}

const stat = (pid: number) => {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"))
  } catch {
    return undefined
  }
}
const state = (pid: number): string => stat(pid)?.state ?? ""
const cpu = (pid: number): number => stat(pid)?.cpuMs ?? 0
