/** The logs of a running tree: where they are, and when there are none. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { pool, start, supervisor } from "supervise"
import { describe, expect, it } from "vitest"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { supervise, treeFile } from "./command.ts"
import { eventually, rootPath, temporaryFolder } from "./processes.ts"
import { at, root, shell, sleeper } from "./tree.ts"

const withoutKeeper = keeperProgram() instanceof Error && process.env.REQUIRE_ALL !== "1"
if (withoutKeeper) console.log("Left out: the logs of running trees, as there is no keeper (npm run keeper).")

const says = (id: string, more = {}) => shell(id, `echo ${id} speaks; exec sleep 1000`, more)
const readLog = (state: string, path: string): string => {
  try {
    return readFileSync(join(state, "logs", path, "current.log"), "utf8")
  } catch {
    return ""
  }
}

describe.skipIf(withoutKeeper)("on the keeper, with a state directory", () => {
  it("each worker has a log of its own, named by its path, unless its tree says otherwise", async () => {
    const state = join(temporaryFolder(), "state")
    const below = [says("noisy"), says("quiet", { logs: false })]
    const tree = root([
      says("a"),
      supervisor({ id: "off", logs: false, children: [says("silent"), says("still", { logs: true })] }),
      supervisor({ id: "deep", logs: { size: "1 MiB" }, children: below }),
      pool({ id: "jobs", size: 2, child: says("job") })
    ])
    const running = await start(tree, { spawner: "keeper", state })
    const logged = [at("a"), at("off", "still"), at("deep", "noisy"), at("jobs", "1"), at("jobs", "2")]
    for (const path of logged) await eventually(`${path} has spoken`, () => readLog(state, path).includes("speaks"))
    await running.stop()
    const log = readLog(state, at("a")).split("\n")
    expect(log.map((entry) => entry.slice(31).replace(/pid \d+/, "pid N"))).toEqual([
      `stderr F --- ${at("a")}: incarnation 1 begins, pid N ---`,
      "stdout F a speaks",
      `stderr F --- ${at("a")}: incarnation 1 ended by signal 15 ---`,
      ""
    ])
    for (const path of [at("off", "silent"), at("deep", "quiet")]) expect(existsSync(join(state, "logs", path))).toBe(false)
    for (const folder of ["", rootPath, at("jobs"), at("jobs", "1")]) expect(statSync(join(state, "logs", folder)).mode & 0o777).toBe(0o750)
    expect(statSync(join(state, "logs", at("a"), "current.log")).mode & 0o777).toBe(0o640)
    expect(readdirSync(join(state, "logs", at("off")))).toEqual(["still"])
  })

  it("size and number of files are those of the tree", async () => {
    const state = join(temporaryFolder(), "state")
    const logs = { size: "4 KiB", keep: 3, compress: false } as const
    const running = await start(root([shell("a", "seq 1 1000; exec sleep 1000", { logs })]), { spawner: "keeper", state })
    await eventually("all is written", () => readLog(state, at("a")).includes("stdout F 1000\n"))
    await running.stop()
    const files = readdirSync(join(state, "logs", at("a")))
    expect(files).toHaveLength(3)
    for (const file of files) expect(statSync(join(state, "logs", at("a"), file)).size).toBeLessThanOrEqual(4096)
  })
})

describe("where no logs can be written", () => {
  const asked = root([sleeper("a", { logs: true })])
  const needsKeeper = `logs of ${at("a")} needs the keeper; run the tree with the spawner "keeper", on Linux, or leave that out.`

  it("a tree that does not ask for them runs without", async () => {
    const state = join(temporaryFolder(), "state")
    const running = await start(root([says("a")]), { spawner: "node", state })
    await running.stop()
    expect(existsSync(join(state, "logs"))).toBe(false)
  })

  it("a tree that asks for them is refused by name", async () => {
    const state = join(temporaryFolder(), "state")
    await expect(start(asked, { spawner: "node", state })).rejects.toMatchObject({ _tag: "KeeperNeeded", message: needsKeeper })
    const running = supervise(["--spawner", "node", treeFile(asked)])
    expect(await running.code).toBe(64)
    expect(running.stderr).toBe(`${needsKeeper}\n`)
    expect(running.stdout).toBe("")
  })

  it("so is a child that is added later", async () => {
    const running = await start(root([sleeper("b")]), { spawner: "node" })
    await expect(running.startChild(rootPath, sleeper("a", { logs: true }))).rejects.toMatchObject({
      _tag: "KeeperNeeded",
      message: needsKeeper
    })
    await running.stop()
  })

  it.skipIf(withoutKeeper)("also on the keeper, if there is no state directory", async () => {
    await expect(start(asked, { spawner: "keeper" })).rejects.toMatchObject({
      _tag: "StateNeeded",
      message: `logs of ${at("a")} needs a state directory; run the tree with one, or leave that out.`
    })
  })
})
