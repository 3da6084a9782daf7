/** `supervise` as the first process of a container, or as the main process of a unit, on real processes. */
import { execFileSync } from "node:child_process"
import { readFileSync, readlinkSync, realpathSync } from "node:fs"
import type { Socket } from "node:net"
import { describe, expect, it, test } from "vitest"
import { isMainProcess } from "../../src/leaf/keeper/inherited.ts"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { bin, Running, treeFile } from "../runtime/command.ts"
import { environment, eventually, isAlive, living, pidOf, rootPath } from "../runtime/processes.ts"
import { at, root, shell, sleeper } from "../runtime/tree.ts"
import { Namespace, withoutNamespace } from "./namespace.ts"

const contained = (tree: Parameters<typeof treeFile>[0], spawner = "keeper") =>
  new Namespace(process.execPath, [bin, "--spawner", spawner, treeFile(tree)])

/** That of a clone, or of a package. */
const KEEPER = /\/keeper\/(build\/keeper|bin\/keeper-\w+)$/

/** Leaves orphans behind all the time, most of them in sessions of their own, and each ends at once. */
const ORPHANS = "while :; do (setsid sh -c 'exit 3' &); (sh -c 'exit 3' &); sleep 0.01; done"

const parentOf = (pid: number): number => Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1])

test("a main process is the first of a container, or that which systemd has started", () => {
  expect(isMainProcess({ pid: 1, env: {} })).toBe(true)
  expect(isMainProcess({ pid: 7, env: {} })).toBe(false)
  expect(isMainProcess({ pid: 7, env: { INVOCATION_ID: "x", SYSTEMD_EXEC_PID: "7" } })).toBe(true)
  expect(isMainProcess({ pid: 8, env: { INVOCATION_ID: "x", SYSTEMD_EXEC_PID: "7" } })).toBe(false)
})

describe.skipIf(withoutNamespace)("as PID 1", () => {
  it("reaps orphans, passes signals on, stops the tree in order, and exits as its tree does", async () => {
    const polite = "trap 'echo bye; exit 0' TERM; sleep 1000 & wait"
    const running = contained(root([shell("first", polite), shell("orphans", ORPHANS), shell("last", polite)]))
    await running.event("Started", rootPath)
    const first = await running.first()
    expect(readlinkSync(`/proc/${first}/exe`)).toMatch(KEEPER)
    expect((await running.processes()).slice(0, 3).map(({ pid, command }) => [pid, command])).toEqual([
      [1, "keeper-guard"],
      [expect.any(Number), "keeper"],
      [expect.any(Number), expect.stringMatching(/^(node|MainThread)/)]
    ])
    // An orphan of a process that has joined the container from outside is none of the tree's.
    execFileSync("nsenter", ["-t", String(first), "-p", "-m", "sh", "-c", "(sleep 0.05 &) ; exit 0"])
    for (let looks = 0; looks < 3; looks++) {
      await eventually("no process has ended and waits", async () =>
        (await running.processes()).every(({ state }) => !state.startsWith("Z"))
      )
    }
    process.kill(first, "SIGTERM")
    expect(await running.code).toBe(0)
    const stopped = running.events.filter(({ event }) => event === "Stopped").map(({ path }) => path)
    expect(stopped.filter((path) => path !== at("orphans"))).toEqual([at("last"), at("first")])
    expect(running.stderr).toBe("Spawner: keeper. Workers end with supervise, however it ends.\n")
    expect(living()).toEqual([])
  })

  it("tells its workers nothing of the connection to its keeper", async () => {
    const running = contained(root([shell("a", "ls /proc/self/fd; exec sleep 1000")]))
    await running.event("Line", at("a"), ({ text }) => text === "2")
    expect(environment(pidOf(at("a"))).filter(([name]) => name === "SUPERVISE_KEEPER_FD")).toEqual([])
    const descriptors = running.events.filter(({ event }) => event === "Line").map(({ text }) => text)
    expect(descriptors).toEqual(["0", "1", "2", ...descriptors.slice(3, 4)]) // `ls` itself opens one
    process.kill(await running.first(), "SIGPWR") // as some containers are told to end
    expect(await running.code).toBe(0)
  })

  it("exits with the code of a tree that gives up, and of a tree file that is bad", async () => {
    const gaveUp = contained(root([shell("a", "exit 3")], { intensity: 0, onIntensity: "escalate" }))
    expect(await gaveUp.code).toBe(75)
    const missing = new Namespace(process.execPath, [bin, "--spawner", "keeper", "/no/such/tree.ts"])
    expect(await missing.code).toBe(65)
    expect(missing.stderr).toContain("there is no such file")
  })

  it("ends with all of its processes when it is killed from outside", async () => {
    const running = contained(root([shell("a", "setsid sleep 1000 & exec sleep 1000")]))
    await running.event("Started", rootPath)
    process.kill(await running.first(), "SIGKILL")
    await running.ended
    await eventually("nothing is left", () => living().length === 0)
  })

  it.each([
    ["SIGKILL", 137],
    ["SIGSEGV", 139]
  ] as const)("stops its workers when %s ends the brain, and exits with %i", async (signal, code) => {
    const running = contained(root([shell("a", "setsid sleep 1000 & exec sleep 1000")]))
    await running.event("Started", rootPath)
    const keeper = await keeperIn(running)
    const brain = childrenOf(keeper).find((child) => readlinkSync(`/proc/${child}/exe`) === realpathSync(process.execPath))
    process.kill(brain!, signal)
    expect(await running.code).toBe(code)
    expect(living()).toEqual([])
  })

  it("ends with all of its processes when its keeper is killed", async () => {
    const running = contained(root([shell("a", "setsid sleep 1000 & exec sleep 1000")]))
    await running.event("Started", rootPath)
    process.kill(await keeperIn(running), "SIGKILL")
    expect(await running.code).toBe(137)
    expect(living()).toEqual([])
  })

  it("says what it lacks without a keeper", async () => {
    const job = shell("a", "exit 0", { restart: "transient", significant: true })
    const running = contained(root([job], { autoShutdown: "anySignificant" }), "node")
    expect(await running.code).toBe(0)
    expect(running.complaints).toBe(
      "supervise is PID 1 here, and without a keeper (--spawner keeper) it does not reap what other processes leave behind: " +
        "give the container an init (docker run --init), or processes that have ended pile up in it.\n"
    )
  })
})

/** As seen from outside, where its workers tell other pids than in their events. */
async function keeperIn(running: Namespace): Promise<number> {
  const [keeper] = childrenOf(await running.first())
  expect(readFileSync(`/proc/${keeper}/comm`, "utf8")).toBe("keeper\n")
  return keeper!
}

const childrenOf = (pid: number): ReadonlyArray<number> =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .split(" ")
    .filter((child) => child !== "")
    .map(Number)

it.skipIf(keeperProgram() instanceof Error)("ends, and says why, when the keeper that has started it closes the connection", async () => {
  const env = { ...process.env, SUPERVISE_KEEPER_FD: "3" }
  const args = [bin, "--spawner", "keeper", treeFile(root([sleeper("a")]))]
  const running = new Running(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe", "pipe"] })
  const connection = running.process.stdio[3] as Socket
  connection.once("data", () => connection.destroy())
  expect(await running.code).toBe(70)
  expect(running.stderr).toContain(`The keeper (pid ${process.pid}), the parent of all workers, has closed the connection.`)
})

it.skipIf(withoutNamespace)("as the main process of a unit it is the keeper that systemd signals and waits for", async () => {
  const script = `INVOCATION_ID=test SYSTEMD_EXEC_PID=$$ exec "$0" "$@"`
  const running = new Running("sh", ["-c", script, process.execPath, bin, "--spawner", "keeper", treeFile(root([sleeper("a")]))])
  const { pid } = await running.event("Spawned", at("a"))
  const keeper = parentOf(pid!)
  expect(parentOf(keeper)).toBe(running.pid)
  expect(readlinkSync(`/proc/${running.pid}/exe`)).toMatch(KEEPER)
  running.kill("SIGTERM")
  expect(await running.code).toBe(0)
  await eventually("its worker has ended", () => !isAlive(pid!))
})
