/** `supervise logs`: from files alone, and of a running tree on the keeper. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { pool } from "supervise"
import { beforeEach, describe, expect, it } from "vitest"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { LogWriter } from "../leaf/log/LogWriter.ts"
import { supervise, treeFile } from "../runtime/command.ts"
import { eventually, rootPath, temporaryFolder } from "../runtime/processes.ts"
import { at, root, shell } from "../runtime/tree.ts"

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

/** A state directory as a tree leaves it. */
function state(): string {
  const folder = join(temporaryFolder(), "state")
  new LogWriter(folder, "logs")
  writeFileSync(join(folder, "lock"), "")
  return folder
}
const says = async (...args: ReadonlyArray<string>) => {
  const running = supervise(args, { cwd: folder, env: { ...process.env, TZ: "UTC" } })
  return { code: await running.code, stdout: running.stdout, stderr: running.stderr }
}
const texts = (stdout: string): ReadonlyArray<string> => stdout.split("\n").map((line) => line.replace(/^.*\d\d:\d\d:\d\d\.\d{3} /, ""))

describe("logs of a tree that is down", () => {
  const written = () => {
    const dir = state()
    const web = new LogWriter(join(dir, "logs"), "/shop/web")
    web.begin(1, 42)
    web.line("hello")
    web.line("oops \x1b[2J\x07\x1b[31mred", "stderr")
    web.gap(3, 40)
    web.end(1, "by signal 9")
    const job = new LogWriter(join(dir, "logs"), "/shop/jobs/1", 10)
    job.line(Buffer.from("a\0b\xff", "latin1"))
    job.line("last")
    return dir
  }

  it("are printed in the order of time, each line behind the name of its worker", async () => {
    const { code, stdout, stderr } = await says("logs", "--state", written())
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout.split("\n")[0]).toBe("2025-11-27 09:40:00.000 /shop/web incarnation 1 runs as pid 42")
    expect(texts(stdout)).toEqual([
      "/shop/web incarnation 1 runs as pid 42",
      "web | hello",
      "web ! oops \x1b[31mred\x1b[0m",
      "/shop/web 3 lines (40 bytes) missing: the log could not be written",
      "/shop/web incarnation 1 was killed by SIGKILL",
      "jobs/1 | ab�",
      "jobs/1 | last",
      ""
    ])
  })

  it("are JSON for machines, with all that is in them", async () => {
    const { stdout } = await says("logs", "--json", "--state", written())
    const time = (ms: number) => `2025-11-27T09:40:00.${String(ms).padStart(3, "0")}123456Z`
    const web = { path: "/shop/web", incarnation: 1 }
    const job = { path: "/shop/jobs/1", incarnation: null, stream: "stdout" }
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
    ).toEqual([
      { ...web, time: time(0), event: "Begin", pid: 42 },
      { ...web, stream: "stdout", time: time(1), line: "hello" },
      { ...web, stream: "stderr", time: time(2), line: "oops \x1b[2J\x07\x1b[31mred" },
      { ...web, time: time(3), event: "Gap", lines: 3, bytes: 40 },
      { ...web, time: time(4), event: "End", signal: "SIGKILL" },
      { ...job, time: time(10), line: "a\0b�" },
      { ...job, time: time(11), line: "last" }
    ])
  })

  it("can be cut down to nodes, lines, a stream, a time and an incarnation", async () => {
    const dir = written()
    const lines = async (...args: ReadonlyArray<string>) => texts((await says("logs", "--state", dir, ...args)).stdout).slice(0, -1)
    expect(await lines("jobs")).toEqual(["jobs/1 | ab�", "jobs/1 | last"])
    expect(await lines("jobs/1", "-n", "1")).toEqual(["jobs/1 | last"])
    expect(await lines("/shop", "web", "-n", "2")).toEqual(["jobs/1 | ab�", "jobs/1 | last"])
    expect(await lines("--stream", "stdout", "-n", "all")).toEqual([
      "web | hello",
      expect.stringContaining("3 lines"),
      "jobs/1 | ab�",
      "jobs/1 | last"
    ])
    expect(await lines("--since", "2025-11-27T09:40:00.011Z")).toEqual(["jobs/1 | last"])
    expect(await lines("--incarnation", "2")).toEqual([])
    expect(await lines("--incarnation", "1", "-n", "1", "--stream", "stderr")).toEqual([
      "web ! oops \x1b[31mred\x1b[0m",
      expect.stringContaining("3 lines")
    ])
  })

  it("are refused in a sentence where nothing can be meant", async () => {
    const dir = written()
    const refused = async (...args: ReadonlyArray<string>) => {
      const { code, stdout, stderr } = await says("logs", "--state", dir, ...args)
      expect(stdout).toBe("")
      return [code, stderr.trimEnd()]
    }
    expect(await refused("wbe")).toEqual([64, "There is no log of /shop/wbe. Did you mean /shop/web?"])
    expect(await refused("-n", "few")).toEqual([64, "--lines few is neither a number of lines nor all."])
    expect(await refused("--since", "soon")).toEqual([
      64,
      "--since soon is neither a duration, such as 10m, nor a time, such as 14:03 or 2026-11-27T14:03:00Z."
    ])
    expect((await refused("--stream", "both"))[0]).toBe(64)
  })

  it("are not there where none were written", async () => {
    const dir = state()
    expect(await says("logs", "--state", dir)).toEqual({
      code: 1,
      stdout: "",
      stderr: `There are no logs in ${join(dir, "logs")}. The keeper writes them (--spawner keeper), of workers whose tree does not say logs: false.\n`
    })
    expect((await says("logs", "--state", "/no/such")).code).toBe(69)
    expect((await says("logs")).code).toBe(69)
  })

  it("end quietly when their reader has seen enough", async () => {
    const dir = state()
    const log = new LogWriter(join(dir, "logs"), "/shop/web")
    for (let i = 0; i < 20_000; i++) log.line(`line ${i}`)
    const running = supervise(["logs", "-n", "all", "--state", dir], { stdio: ["ignore", "pipe", "pipe"] })
    running.process.stdout!.once("data", () => running.process.stdout!.destroy())
    expect(await running.code).toBe(0)
    expect(running.stderr).toBe("")
  })
})

const withoutKeeper = keeperProgram() instanceof Error && process.env.REQUIRE_ALL !== "1"
if (withoutKeeper) console.log("Left out: `supervise logs` of a running tree, as there is no keeper (npm run keeper).")

it.skipIf(withoutKeeper)("logs of a running tree are followed, with those of new workers, across restarts and rotation", async () => {
  const script = "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo line $i of $SUPERVISE_INCARNATION; done; read line"
  const tree = root([
    shell("web", script, { stdin: "pipe", logs: { size: "4 KiB", keep: 20 } }),
    pool({ id: "jobs", size: 0, child: shell("job", "echo I am $SUPERVISE_PATH; exec sleep 1000") })
  ])
  const running = supervise(["--spawner", "keeper", treeFile(tree, folder)], { cwd: folder })
  await running.event("Started", rootPath)
  const following = supervise(["logs", "-f", "-n", "all", "--json", "web", "jobs", "--state", join(folder, ".supervise")], { cwd: folder })
  // A pool without instances has no log yet, so its name is not known.
  expect(await following.code).toBe(64)
  const logs = supervise(["logs", "-f", "-n", "all", "--json"], { cwd: folder })
  await logs.says(/line 300 of 1"/)
  expect(await supervise(["restart", "web"], { cwd: folder }).code).toBe(0)
  await logs.says(/line 300 of 2"/)
  expect(await supervise(["scale", "jobs", "1"], { cwd: folder }).code).toBe(0)
  await logs.says(/I am .*jobs\/1"/)
  logs.kill("SIGTERM")
  await logs.ended
  const found = logs.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ path, line }) => path === at("web") && line !== undefined)
  const lines = [1, 2].flatMap((run) => Array.from({ length: 300 }, (_, i) => ({ incarnation: run, line: `line ${i + 1} of ${run}` })))
  expect(found.map(({ incarnation, line }) => ({ incarnation, line }))).toEqual(lines)
  running.kill("SIGTERM")
  expect(await running.code).toBe(0)
  await eventually("its log says how it ended", async () =>
    (await says("logs", "web", "-n", "1")).stdout.includes("incarnation 2 was killed by SIGTERM")
  )
})
