import { readdirSync, readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { isAlive, recorder, SAY_DESCRIPTORS } from "./LeafRecorder.ts"
import { contract, spawnerName } from "./testedSpawners.ts"

/** Descriptors that our own parent left open for all processes below; we did not open them. */
function inheritable(): ReadonlyArray<number> {
  const CLOSE_ON_EXEC = 0o2000000
  return readdirSync("/proc/self/fdinfo").flatMap((fd) => {
    try {
      const flags = Number.parseInt(/flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1] ?? "", 8)
      return Number(fd) > 2 && (flags & CLOSE_ON_EXEC) === 0 ? [Number(fd)] : []
    } catch {
      return []
    }
  })
}

contract("a leaf", () => {
  it("ends with its exit code", async () => {
    const w = recorder()
    w.sh("exit 7")
    expect(await w.event("Exited")).toMatchObject({ code: 7, signal: undefined, path: w.path, incarnation: 1 })
    expect(w.tags()).toEqual(["Spawned", "Ready", "Exited"])
    expect(w.events.map(({ n }) => n)).toEqual([1, 2, 3])
  })

  it("ends by the signal that killed it", async () => {
    const w = recorder()
    w.sh("kill -USR1 $$")
    expect(await w.event("Exited")).toMatchObject({ code: undefined, signal: "SIGUSR1" })
  })

  it("ends by a real-time signal, which only the keeper can tell", async () => {
    const w = recorder()
    w.sh("kill -40 $$")
    const exited = await w.event("Exited")
    expect(exited).toMatchObject(spawnerName() === "keeper" ? { signal: "SIGRTMIN+6" } : { code: 0, signal: undefined })
  })

  it("has used time and memory, which only the keeper can tell", async () => {
    const w = recorder()
    w.sh("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done")
    const { usage } = await w.event("Exited")
    if (spawnerName() === "node") return expect(usage).toBeUndefined()
    expect(usage!.userMs + usage!.systemMs).toBeGreaterThan(1)
    expect(usage!.maxRssBytes).toBeGreaterThan(100_000)
  })

  it("names its process by pid and start time", async () => {
    const w = recorder()
    w.spawn(["cat", "/proc/self/stat"])
    const spawned = await w.event("Spawned")
    const stat = (await w.line(/cat/)).text
    expect(stat).toMatch(new RegExp(`^${spawned.pid} `))
    expect(Number(stat.split(" ")[21])).toBe(spawned.startTime)
    await w.event("Exited")
  })

  it("leads a session and a process group of its own, with no input", async () => {
    const w = recorder()
    w.sh("cat /proc/self/stat; readlink /proc/$$/fd/0; exit 0")
    const { pid } = await w.event("Spawned")
    await w.event("Exited")
    const [stat, input] = w.texts()
    expect(stat!.split(") ")[1]!.split(" ").slice(2, 4).map(Number)).toEqual([pid, pid])
    expect(input).toBe("/dev/null")
  })

  it("gets no descriptors but its own three", async () => {
    const w = recorder()
    w.sh(SAY_DESCRIPTORS)
    await w.event("Exited")
    const foreign = inheritable()
    const fds = w.texts()[0]!.trim().split(" ").map(Number)
    expect(fds.filter((fd) => !foreign.includes(fd))).toEqual([0, 1, 2])
  })

  it("knows its path and incarnation, gets the variables that were set, and not those that were removed", async () => {
    process.env.LEAF_TEST_INHERITED = "from us"
    process.env.LEAF_TEST_REMOVED = "from us"
    process.env.SUPERVISE_FD = "9"
    process.env.NODE_CHANNEL_FD = "9"
    try {
      const w = recorder()
      w.spawn(["env"], { incarnation: 3, env: { LEAF_TEST_REMOVED: null, LEAF_TEST_SET: "a b" } })
      await w.event("Exited")
      const env = w.texts()
      expect(env).toContain(`SUPERVISE_PATH=${w.path}`)
      expect(env).toContain("SUPERVISE_INCARNATION=3")
      expect(env).toContain("LEAF_TEST_INHERITED=from us")
      expect(env).toContain("LEAF_TEST_SET=a b")
      expect(env.filter((line) => /^(LEAF_TEST_REMOVED|SUPERVISE_FD|NODE_CHANNEL_FD)=/.test(line))).toEqual([])
    } finally {
      for (const name of ["LEAF_TEST_INHERITED", "LEAF_TEST_REMOVED", "SUPERVISE_FD", "NODE_CHANNEL_FD"]) delete process.env[name]
    }
  })

  it("runs in its folder", async () => {
    const w = recorder()
    w.spawn(["pwd"], { cwd: "/usr" })
    expect((await w.event("Line")).text).toBe("/usr")
    await w.event("Exited")
  })
})

contract("stop", () => {
  it("asks with the stop signal", async () => {
    const w = recorder()
    w.spawn(["sleep", "1000"])
    await w.event("Spawned")
    w.stop()
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGTERM" })
  })

  it("asks with the signal of the worker", async () => {
    const w = recorder()
    w.sh("trap 'exit 3' INT; echo up; while :; do sleep 0.01; done", { stopSignal: "SIGINT" })
    await w.line("up")
    w.stop()
    expect(await w.event("Exited")).toMatchObject({ code: 3 })
  })

  it("asks only the first process where it says so, and kills what that leaves behind", async () => {
    const w = recorder()
    const member = "trap 'echo asked' TERM; echo member; while :; do sleep 0.01; done"
    w.sh(`(${member}) & trap 'echo finishing; exit 3' TERM; echo up; while :; do sleep 0.01; done`, { stopTo: "leader" })
    await w.line("up")
    await w.line("member")
    w.stop("infinity")
    expect(await w.event("Exited")).toMatchObject({ code: 3 })
    expect(w.texts().toSorted()).toEqual(["finishing", "member", "up"])
  })

  it.for(["null", "pipe"] as const)("stdin: %s", async (stdin) => {
    const w = recorder()
    w.sh("(sleep 0.2; echo later >&2) & cat < /dev/stdin; echo at its end; wait", { stdin })
    await w.line("later")
    w.stop()
    await w.event("Exited")
    expect(w.texts()).toEqual(stdin === "null" ? ["at its end"] : [])
  })

  it("kills a process that ignores the stop signal, when its time is over", async () => {
    const w = recorder()
    w.sh("trap '' TERM; echo up; while :; do sleep 0.01; done")
    await w.line("up")
    w.stop(50)
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGKILL" })
  })

  it("kills at once for brutalKill", async () => {
    const w = recorder()
    w.sh("trap 'exit 3' TERM; echo up; while :; do sleep 0.01; done")
    await w.line("up")
    w.stop("brutalKill")
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGKILL" })
  })

  it('waits for ever for "infinity"', async () => {
    const w = recorder()
    w.sh("trap 'echo asked' TERM; trap 'exit 4' USR1; echo up; while :; do sleep 0.01; done")
    await w.line("up")
    w.stop("infinity")
    await w.line("asked")
    expect(await w.signal("SIGUSR1", "leader")).toBe(true)
    expect(await w.event("Exited")).toMatchObject({ code: 4 })
  })

  it("changes nothing when repeated, unless it kills earlier", async () => {
    const w = recorder()
    w.sh("trap 'echo asked' TERM; trap 'echo still here' USR1; echo up; while :; do sleep 0.01; done")
    await w.line("up")
    w.stop(3_600_000)
    await w.line("asked")
    w.stop("infinity")
    w.stop(7_200_000)
    await w.signal("SIGUSR1", "leader")
    await w.line("still here")
    expect(w.texts()).toEqual(["up", "asked", "still here"])
    w.stop(20)
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGKILL" })
    expect(w.texts().filter((text) => text === "asked")).toHaveLength(1)
  })

  it("is not postponed by a later stop", async () => {
    const w = recorder()
    w.sh("trap '' TERM; echo up; while :; do sleep 0.01; done")
    await w.line("up")
    w.stop(50)
    w.stop("infinity")
    w.stop(3_600_000)
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGKILL" })
  })

  it("may be followed by brutalKill", async () => {
    const w = recorder()
    w.sh("trap 'echo asked' TERM; echo up; while :; do sleep 0.01; done")
    await w.line("up")
    w.stop("infinity")
    await w.line("asked")
    w.stop("brutalKill")
    expect(await w.event("Exited")).toMatchObject({ signal: "SIGKILL" })
  })

  it("continues a suspended process, so that it can handle the stop signal", async () => {
    const w = recorder()
    w.sh("trap 'exit 6' TERM; echo up; kill -STOP $$; while :; do sleep 0.01; done")
    await w.line("up")
    w.stop("infinity")
    expect(await w.event("Exited")).toMatchObject({ code: 6 })
  })

  it("accepts times that are too long for a timer", async () => {
    const w = recorder()
    w.sh("trap 'echo asked' TERM; trap 'exit 5' USR1; echo up; while :; do sleep 0.01; done")
    await w.line("up")
    w.stop(2 ** 31 + 5)
    await w.line("asked")
    await w.signal("SIGUSR1", "leader")
    expect(await w.event("Exited")).toMatchObject({ code: 5 })
  })

  it("is ignored for a leaf that has ended or is unknown", async () => {
    const w = recorder()
    w.stop()
    w.spawn(["true"])
    await w.event("Exited")
    w.stop("brutalKill")
    expect(await w.signal("SIGTERM", "group")).toBe(false)
    expect(await w.signal("SIGTERM", "leader", { ...w.leaf, incarnation: 2 })).toBe(false)
    expect(w.tags()).toEqual(["Spawned", "Ready", "Exited"])
  })
})

contract("signal", () => {
  it("goes to the leader alone or to its group", async () => {
    const w = recorder()
    w.sh("trap 'echo leader' USR1; (trap 'echo member' USR1; echo up; while :; do sleep 0.01; done) & while :; do sleep 0.01; done")
    await w.line("up")
    expect(await w.signal("SIGUSR1", "leader")).toBe(true)
    await w.line("leader")
    expect(w.texts()).toEqual(["up", "leader"])
    const { pid } = await w.event("Spawned")
    expect(isAlive(pid)).toBe(true)
    w.stop("brutalKill")
    await w.event("Exited")
  })
})
