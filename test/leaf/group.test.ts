import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { ProcessGroups } from "../../src/leaf/node/ProcessGroup.ts"
import { kill } from "../../src/leaf/os/kill.ts"
import { parseStat, readEnvironment } from "../../src/leaf/os/proc.ts"
import { end, eventually, isAlive, type LeafRecorder, living, nodeRecorder, recorder } from "./LeafRecorder.ts"
import { contract } from "./testedSpawners.ts"

/** A member of the group that ignores the stop signal and prints its pid. */
const STUBBORN = "(trap '' TERM; exec sh -c 'echo member $$; while :; do sleep 0.01; done') &"

async function member(w: LeafRecorder): Promise<number> {
  return Number((await w.line(/^member /)).text.split(" ")[1])
}

/** The leader ends with this code when it is told to: by then the others are ready for it. */
const untilTold = (code: number): string => `trap 'exit ${code}' USR2; echo leads >&2; while :; do sleep 0.01; done`
async function tell(w: LeafRecorder): Promise<void> {
  await w.line("leads")
  await w.signal("SIGUSR2", "leader")
}

contract("the process group", () => {
  it("is asked to stop when its leader has ended, and killed when it does not", async () => {
    const w = recorder()
    w.sh(`${STUBBORN} ${untilTold(3)}`, { shutdown: 50 })
    const pid = await member(w)
    await tell(w)
    expect(await w.event("Exited")).toMatchObject({ code: 3 })
    expect(isAlive(pid)).toBe(false)
  })

  it("gets the stop signal when its leader has ended", async () => {
    const w = recorder()
    w.sh(`(trap 'echo asked; exit 0' TERM; echo up; while :; do sleep 0.01; done) & ${untilTold(3)}`, { shutdown: "infinity" })
    await w.line("up")
    await tell(w)
    expect(await w.event("Exited")).toMatchObject({ code: 3 })
    expect(w.texts()).toEqual(["up", "asked"])
  })

  it("is killed at once where the worker says so", async () => {
    const w = recorder()
    w.sh(`(trap 'echo asked' TERM; echo up; while :; do sleep 0.01; done) & ${untilTold(3)}`, { shutdown: "brutalKill" })
    await w.line("up")
    await tell(w)
    expect(await w.event("Exited")).toMatchObject({ code: 3 })
    expect(w.texts()).toEqual(["up"])
  })

  it("may be killed earlier than the worker says", async () => {
    const w = recorder()
    w.sh(`${STUBBORN} ${untilTold(3)}`, { shutdown: "infinity" })
    const pid = await member(w)
    await tell(w)
    const { pid: leader } = await w.event("Spawned")
    await eventually("the leader has ended", () => !isAlive(leader))
    expect(await w.event("LeaderEnded")).toMatchObject({ code: 3 })
    expect(w.tags()).toEqual(["Spawned", "Ready", "LeaderEnded"])
    w.stop("infinity")
    w.stop(10)
    expect(await w.event("Exited")).toMatchObject({ code: 3 })
    expect(isAlive(pid)).toBe(false)
  })

  it("gets signals after its leader has ended, which gets none", async () => {
    const w = recorder()
    w.sh(`(trap '' TERM; trap 'echo heard; exit 0' USR1; echo up; while :; do sleep 0.01; done) & ${untilTold(0)}`, {
      shutdown: "infinity"
    })
    await w.line("up")
    await tell(w)
    await w.event("LeaderEnded")
    expect(await w.signal("SIGUSR2", "leader")).toBe(false)
    expect(await w.signal("SIGUSR1", "group")).toBe(true)
    await w.event("Exited")
    expect(w.texts()).toEqual(["up", "heard"])
  })

  it("dies with its leader when it is stopped", async () => {
    const w = recorder()
    w.sh("sleep 1000 & sleep 1000 & sleep 1000 | cat & echo up; wait")
    await w.line("up")
    await eventually("all run", () => living(w.path).length >= 5)
    w.stop()
    await w.event("Exited")
    expect(living(w.path)).toEqual([])
  })
})

/** What has left a group and does not say whose it is: the Node spawner does not know it, the keeper is its parent. */
contract("the process group, and a process that left it unnoticed", () => {
  it("does not count its zombies", async () => {
    const w = recorder()
    // The short sleep stays in its parent's group; then the parent becomes another program in its own group, which
    // never waits for it.
    w.sh(`trap 'exit 0' USR1
      (sleep 0.1 & echo zombie $!; exec setsid sh -c 'echo escaped $$; exec sleep 1000 >/dev/null 2>&1') &
      while :; do sleep 0.01; done`)
    const escaped = Number((await w.line(/^escaped /)).text.split(" ")[1])
    const zombie = Number((await w.line(/^zombie /)).text.split(" ")[1])
    await eventually("the member is a zombie", () => !isAlive(zombie))
    await w.signal("SIGUSR1", "leader")
    expect(await w.event("Exited")).toMatchObject({ code: 0 })
    expect(isAlive(escaped)).toBe(true)
    expect(kill((await w.event("Spawned")).pid, "group", 0)).toBe("sent")
    expect(living(w.path)).toEqual([escaped])
    end(escaped)
  })

  it("does not delay the end when a process that left it holds the output open", async () => {
    const w = recorder()
    w.sh("trap 'printf last; exit 9' USR2; setsid sh -c 'echo escaped $$; exec sleep 1000' & while :; do sleep 0.01; done")
    const escaped = Number((await w.line(/^escaped /)).text.split(" ")[1])
    await w.signal("SIGUSR2", "leader")
    expect(await w.event("Exited")).toMatchObject({ code: 9 })
    expect(isAlive(escaped)).toBe(true)
    expect(w.texts().at(-1)).toBe("last")
    end(escaped)
  })
}, ["node"])

contract("a process that has left the group, and does not say whose it is", () => {
  it("is ended with its leaf, and told", async () => {
    const w = recorder()
    w.sh("trap 'printf last; exit 9' USR2; setsid sh -c 'echo escaped $$; exec sleep 1000' & while :; do sleep 0.01; done")
    const escaped = Number((await w.line(/^escaped /)).text.split(" ")[1])
    await w.signal("SIGUSR2", "leader")
    expect(await w.event("Exited")).toMatchObject({ code: 9, strays: [escaped] })
    expect(isAlive(escaped)).toBe(false)
    expect(w.texts().at(-1)).toBe("last")
  })
}, ["keeper"])
/** Signals that do not arrive, and a machine without /proc, can be simulated for the Node spawner only. */
describe("the process group", () => {
  it("is reported as blocked while it does not die of SIGKILL, and waited for", async () => {
    let deaf = true
    const w = nodeRecorder({
      blockedAfterMs: 20,
      kill: (pid, to, signal) => (deaf && signal === "SIGKILL" ? "sent" : kill(pid, to, signal))
    })
    w.sh(`${STUBBORN} echo leader; wait`)
    const pid = await member(w)
    const { pid: leader } = await w.event("Spawned")
    w.stop("brutalKill")
    const { pids } = await w.event("Blocked")
    expect(pids).toEqual(expect.arrayContaining([leader, pid]))
    expect(w.tags()).not.toContain("Exited")
    w.spawn(["true"], { incarnation: 2 })
    expect(await w.event("NotStarted")).toMatchObject({ errno: "BUSY", incarnation: 2 })
    deaf = false
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGKILL" })
  })

  it("is reported as blocked again when other members are left", async () => {
    const spared = new Set<number>()
    const w = nodeRecorder({
      blockedAfterMs: 20,
      kill: (pid, to, signal) => (spared.size > 0 && signal === "SIGKILL" ? "sent" : kill(pid, to, signal))
    })
    w.sh(`${STUBBORN} echo leader; wait`)
    const pid = await member(w)
    const { pid: leader } = await w.event("Spawned")
    spared.add(pid)
    w.stop("brutalKill")
    await w.event("Blocked", ({ pids }) => pids.includes(leader))
    kill(leader, "leader", "SIGKILL")
    await w.event("Blocked", ({ pids }) => !pids.includes(leader) && pids.includes(pid))
    spared.clear()
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGKILL" })
  })

  it("is also waited for without /proc", async () => {
    const w = nodeRecorder({ proc: "/nowhere" })
    w.sh(`${STUBBORN} ${untilTold(3)}`, { shutdown: 50 })
    expect((await w.event("Spawned")).startTime).toBe(0)
    const pid = await member(w)
    await tell(w)
    expect(await w.event("Exited")).toMatchObject({ code: 3 })
    expect(isAlive(pid)).toBe(false)
  })
})

describe("waiting for the end of a group", () => {
  const proc = mkdtempSync(join(tmpdir(), "proc-"))
  afterAll(() => rmSync(proc, { recursive: true, force: true }))
  const write = (pid: number, group: number, name: string): void => {
    mkdirSync(join(proc, String(pid)))
    writeFileSync(join(proc, String(pid), "stat"), `${pid} (${name}) S 1 ${group} ${group} 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0`)
  }

  /** How often the group is checked in this time, and how much CPU time checking takes. */
  const measure = async (ms: number, folder: string, onAlive: () => boolean): Promise<{ checks: number; share: number }> => {
    let checks = 0
    const groups = new ProcessGroups(() => {
      checks++
      return "sent"
    }, folder)
    const [cpu, since] = [process.cpuUsage(), performance.now()]
    groups.watch({
      pid: 42,
      hasLeaderEnded: () => false,
      onGone: () => expect.unreachable("it is alive"),
      onAlive
    })
    await new Promise((resolve) => setTimeout(resolve, ms))
    groups.forget(42)
    const { user, system } = process.cpuUsage(cpu)
    return { checks, share: (user + system) / 1000 / (performance.now() - since) }
  }

  it("checks ever more rarely, down to ten times a second", async () => {
    const { checks } = await measure(300, "/nowhere", () => false)
    expect(checks).toBeGreaterThan(1)
    expect(checks).toBeLessThanOrEqual(10)
  })

  it("checks once a second where nothing can be done", async () => {
    const { checks } = await measure(300, "/nowhere", () => true)
    expect(checks).toBe(1)
  })

  it("rests after a scan of all processes for many times its duration", async () => {
    mkdirSync(join(proc, "self"), { recursive: true })
    writeFileSync(join(proc, "self", "stat"), "")
    for (let stranger = 1000; stranger < 1010; stranger++) write(stranger, stranger, "x".repeat(1_000_000))
    // A new process each time, so that remembering the last one does not help.
    let member = 2000
    write(member, 42, "x")
    const { checks, share } = await measure(2000, proc, () => {
      renameSync(join(proc, String(member)), join(proc, String(++member)))
      return false
    })
    expect(checks).toBeGreaterThan(1)
    expect(share).toBeLessThan(0.25)
  })
})

contract("a process that has left the group", () => {
  const stray = "setsid sh -c 'trap \"\" HUP; echo stray $$; exec sleep 1000'"
  const marked = (w: LeafRecorder) => ({ env: { SUPERVISE_SUPERVISOR: `${process.pid} ${w.path}` } })
  const strayOf = async (w: LeafRecorder): Promise<number> => Number((await w.line(/^stray /)).text.split(" ")[1])

  it("is ended with its leaf if it was started by a check of it", async () => {
    const w = recorder()
    w.spawn(["sleep", "1000"], { ...marked(w), hasCommands: true })
    await w.event("Ready")
    const env = { ...process.env, ...marked(w).env, SUPERVISE_PATH: w.path, SUPERVISE_INCARNATION: "1" }
    const pid = Number(execFileSync("sh", ["-c", "setsid sleep 1000 >/dev/null 2>&1 & echo $!"], { env, encoding: "utf8" }))
    w.spawn(["true"], { incarnation: 2 })
    w.stop()
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGTERM", strays: [pid] })
    expect(isAlive(pid)).toBe(false)
    expect(w.tags()).toEqual(["Spawned", "Ready", "NotStarted", "LeaderEnded", "Exited"])
  })

  it("is killed with all the rest, also if a check has started it", async () => {
    const w = recorder()
    w.spawn(["sleep", "1000"], { ...marked(w), hasCommands: true, shutdown: 1_000_000 })
    await w.event("Ready")
    const env = { ...process.env, ...marked(w).env, SUPERVISE_PATH: w.path, SUPERVISE_INCARNATION: "1" }
    const pid = Number(
      execFileSync("sh", ["-c", `setsid sh -c "trap '' TERM; while :; do sleep 0.05; done" >/dev/null 2>&1 & echo $!`], {
        env,
        encoding: "utf8"
      })
    )
    await eventually(
      "it has its environment",
      () => readEnvironment(pid) instanceof Map && (readEnvironment(pid) as Map<string, string>).size > 0
    )
    w.spawner.killAll()
    await eventually("it is gone", () => !isAlive(pid))
  })

  it("is ended when its leaf ends by itself, and told", async () => {
    const w = recorder()
    w.sh(`${stray} & trap 'exit 3' USR1; while :; do sleep 0.01; done`, marked(w))
    const pid = await strayOf(w)
    await w.signal("SIGUSR1", "leader")
    expect(await w.event("Exited")).toMatchObject({ code: 3, strays: [pid] })
    expect(isAlive(pid)).toBe(false)
  })

  it("is ended when its leaf is stopped, and killed when it ignores that", async () => {
    const w = recorder()
    w.sh(`setsid sh -c 'trap "" TERM; echo stray $$; exec sleep 1000' & exec sleep 1000`, { ...marked(w), shutdown: 100 })
    const pid = await strayOf(w)
    w.stop()
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGTERM", strays: [pid] })
    expect(isAlive(pid)).toBe(false)
  })

  it("is killed at once when its leaf is, however long it might have taken", async () => {
    const w = recorder()
    const stubborn = `setsid sh -c 'trap "echo asked" TERM; echo stray $$; while :; do sleep 0.01; done'`
    w.sh(`${stubborn} & exec sleep 1000`, { ...marked(w), shutdown: 600_000 })
    const pid = await strayOf(w)
    w.stop(600_000)
    await w.line("asked")
    w.stop("brutalKill")
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGTERM", strays: expect.arrayContaining([pid]) })
  })

  it("has what is left of the time of its leaf, and the end of the leader is told", async () => {
    const w = recorder()
    const stubborn = `setsid sh -c 'trap "echo asked" TERM; echo stray $$; while :; do sleep 0.01; done'`
    w.sh(`${stubborn} & trap 'exit 3' USR1; while :; do sleep 0.01; done`, { ...marked(w), shutdown: 600_000 })
    await strayOf(w)
    await w.signal("SIGUSR1", "leader")
    expect(await w.event("LeaderEnded")).toMatchObject({ code: 3 })
    await w.line("asked")
    w.stop(600_000)
    w.stop(10)
    expect(await w.event("Exited")).toMatchObject({ code: 3 })
  })

  it("may take as long as its leaf was given when it was stopped", async () => {
    const w = recorder()
    const script =
      "process.on('SIGTERM', () => setTimeout(() => { console.log('done'); process.exit() }, 6000)); " +
      "setInterval(() => {}, 1000); console.log('stray ' + process.pid)"
    w.sh(`setsid '${process.execPath}' -e "${script}" & exec sleep 1000`, { ...marked(w), shutdown: 10 })
    await strayOf(w)
    w.stop(600_000)
    await w.line("done")
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGTERM" })
  })

  it("is left alone if it is of another incarnation, path or supervisor", async () => {
    const [w, other] = [recorder(), recorder()]
    other.sh(`${stray} & exec sleep 1000`, marked(other))
    const pid = await strayOf(other)
    for (const [n, leaf] of [{ incarnation: 1 }, { incarnation: 2 }, { incarnation: 1, env: { SUPERVISE_SUPERVISOR: "1" } }].entries()) {
      w.spawn(["true"], { ...marked(other), path: n === 0 ? `${w.path}-x` : other.path, ...leaf, incarnation: leaf.incarnation })
    }
    await eventually("all have ended", () => w.events.filter(({ _tag }) => _tag === "Exited").length >= 2)
    expect(isAlive(pid)).toBe(true)
    other.stop()
    await other.event("Exited")
    expect(isAlive(pid)).toBe(false)
  })

  it("is killed when everything is", async () => {
    const w = recorder()
    w.sh(`${stray} & exec sleep 1000`, marked(w))
    const pid = await strayOf(w)
    w.spawner.killAll()
    await eventually("it is killed", () => !isAlive(pid))
  })
})

describe("a pid that is reused", () => {
  const proc = mkdtempSync(join(tmpdir(), "proc-"))
  afterAll(() => rmSync(proc, { recursive: true, force: true }))

  it("is known to be gone while looking through all processes would cost too much", async () => {
    mkdirSync(join(proc, "self"), { recursive: true })
    writeFileSync(join(proc, "self", "stat"), "")
    let cpuMs = 0
    const hours = 10 * 3_600_000
    const groups = new ProcessGroups(
      () => (cpuMs === 0 ? "sent" : "gone"),
      proc,
      () => (cpuMs += hours)
    )
    await new Promise<void>((onGone) => {
      groups.watch({ pid: 42, hasLeaderEnded: () => false, onGone, onAlive: () => expect.unreachable("nobody is in it") })
    })
  })

  it("no longer names the group of a leader that has ended", () => {
    mkdirSync(join(proc, "self"), { recursive: true })
    writeFileSync(join(proc, "self", "stat"), "")
    const groups = new ProcessGroups(() => "sent", proc)
    expect(groups.exists({ pid: 42, hasLeaderEnded: () => true })).toBe(true)
    mkdirSync(join(proc, "42"))
    expect(groups.exists({ pid: 42, hasLeaderEnded: () => true })).toBe(false)
    expect(groups.exists({ pid: 42, hasLeaderEnded: () => false })).toBe(true)
  })
})

describe("a line of /proc/<pid>/stat", () => {
  const rest = "1 42 42 0 -1 4194304 0 0 0 0 12 5 0 0 20 0 1 0 987654 0 0"

  it("is parsed after the name, whatever the name contains", () => {
    for (const name of ["sleep", "a b", ") Z 1 7", "((x)", "new\nline"]) {
      expect(parseStat(`17 (${name}) S ${rest}`)).toEqual({
        ...{ pid: 17, parent: 1, group: 42, foreground: -1, state: "S", alive: true, threads: 1, startTime: 987654 },
        cpuMs: 170
      })
    }
  })

  it("tells the dead from the living", () => {
    for (const state of ["R", "S", "D", "T", "t", "I"]) expect(parseStat(`17 (x) ${state} ${rest}`)?.alive).toBe(true)
    for (const state of ["Z", "X", "x"]) expect(parseStat(`17 (x) ${state} ${rest}`)?.alive).toBe(false)
  })

  it("tells a process whose first thread alone has ended from a dead one", () => {
    expect(parseStat(`17 (x) Z ${rest.replace(" 20 0 1 0 ", " 20 0 3 0 ")}`)?.alive).toBe(true)
  })

  it("may be nonsense", () => {
    for (const text of ["", "17", "17 (x", "x (y) S", ")))"]) expect(parseStat(text)).toBeUndefined()
  })
})
