/** `--spawner`, and the option of the same name when embedding. */
import { start } from "supervise"
import { afterEach, describe, expect, it } from "vitest"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { signalNumber } from "../../src/leaf/keeper/signals.ts"
import { readStat } from "../../src/leaf/os/proc.ts"
import { supervise, treeFile } from "../runtime/command.ts"
import { eventually, living, rootPath } from "../runtime/processes.ts"
import { at, root, shell, sleeper } from "../runtime/tree.ts"

const missing = "The keeper was asked for, and cannot be used: SUPERVISE_KEEPER names /no/such, which is not there or not executable."
const tree = root([sleeper("a")])

const own = process.env.SUPERVISE_KEEPER
afterEach(() => {
  if (own === undefined) delete process.env.SUPERVISE_KEEPER
  else process.env.SUPERVISE_KEEPER = own
})

describe("a keeper that is missing is refused", () => {
  it("by the command line", async () => {
    const env = { ...process.env, SUPERVISE_KEEPER: "/no/such" }
    const running = supervise(["--spawner", "keeper", treeFile(tree)], { env })
    expect(await running.code).toBe(64)
    expect(running.stderr).toBe(`${missing} Use the spawner "node", which runs everywhere.\n`)
    expect(running.stdout).toBe("")
  })

  it("when embedding", async () => {
    process.env.SUPERVISE_KEEPER = "/no/such"
    await expect(start(tree, { spawner: "keeper" })).rejects.toMatchObject({
      _tag: "KeeperMissing",
      message: `${missing} Use the spawner "node", which runs everywhere.`
    })
  })
})

it("a spawner that there is not is an error of usage", async () => {
  const running = supervise(["--spawner", "other", treeFile(tree)])
  expect(await running.code).toBe(64)
  expect(running.stderr).toContain("--spawner")
})

const parentOf = (pid: number): number => {
  const stat = readStat(pid)
  return typeof stat === "string" ? 0 : stat.parent
}

it("the Node spawner is the parent of its processes", async () => {
  const running = supervise(["--spawner", "node", treeFile(tree)])
  const { pid } = await running.event("Spawned", at("a"))
  expect(parentOf(pid!)).toBe(running.pid)
  expect(running.stderr).toBe("Spawner: node. Workers go on without supervision if supervise is killed.\n")
  running.kill("SIGINT")
  expect(await running.code).toBe(0)
})

describe.skipIf(keeperProgram() instanceof Error)("the keeper is the parent of the processes", () => {
  it("on the command line", async () => {
    const running = supervise(["--spawner", "keeper", treeFile(tree)])
    const { pid } = await running.event("Spawned", at("a"))
    // Between them are the keeper, and the guard above it.
    expect(parentOf(parentOf(parentOf(pid!)))).toBe(running.pid)
    expect(running.stderr).toBe("Spawner: keeper. Workers end with supervise, however it ends.\n")
    running.kill("SIGINT")
    expect(await running.code).toBe(0)
  })

  it("and says so in a plain sentence when it is killed, while the tree goes on", async () => {
    const running = supervise(["--spawner", "keeper", treeFile(tree)])
    const { pid } = await running.event("Spawned", at("a"))
    await running.event("Started", rootPath)
    const keeper = parentOf(pid!)
    process.kill(keeper, "SIGKILL")
    await running.event("Started", at("a"), ({ incarnation }) => incarnation === 2)
    running.kill("SIGINT")
    expect(await running.code).toBe(0)
    expect(running.complaints).toMatch(/^The keeper \(pid \d+\), the parent of all workers, ended with exit code 137\. .*\n$/)
  })

  it.each(["SIGKILL", "SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGABRT", "SIGQUIT", "SIGXCPU", "SIGSYS", "SIGRTMIN+6"])(
    "and ends them when %s ends the supervisor",
    async (name) => {
      const running = supervise([
        "--spawner",
        "keeper",
        treeFile(root([sleeper("a"), shell("left", "setsid sleep 1000 & exec sleep 1000")]))
      ])
      await running.event("Started", rootPath)
      process.kill(running.pid, signalNumber(name)!)
      await running.ended
      await eventually("nothing is left", () => living().length === 0)
    }
  )

  it("when embedding", async () => {
    const running = await start(tree, { spawner: "keeper" })
    const { root } = await running.snapshot()
    expect(parentOf(parentOf(parentOf(root.children![0]!.pid!)))).toBe(process.pid)
    await running.stop()
  })
})
