/** What a killed supervisor leaves behind is named and ended: all of that, and nothing else. */
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { TreeSpec } from "supervise"
import { expect, it } from "vitest"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { ownProcesses, readStat } from "../../src/leaf/os/proc.ts"
import { bin, type Running, supervise, treeFile } from "../runtime/command.ts"
import { commandOf, eventually, living, pidOf, rootPath, signal, temporaryFolder } from "../runtime/processes.ts"
import { at, root, shell, sleeper } from "../runtime/tree.ts"

const up = async (spec: TreeSpec, folder = temporaryFolder()): Promise<Running> => {
  const running = supervise(["--spawner", "node", treeFile(spec, folder)])
  await running.event("Started", rootPath)
  return running
}
const crashed = async (spec: TreeSpec): Promise<string> => {
  const folder = temporaryFolder()
  const running = await up(spec, folder)
  running.kill("SIGKILL")
  await running.ended
  return folder
}
const says = async (folder: string, ...args: ReadonlyArray<string>) => {
  const verb = supervise(args, { cwd: folder })
  return { code: await verb.code, stdout: verb.stdout, stderr: verb.stderr }
}
const pidsAt = (path: string): ReadonlyArray<number> => living(path).map(({ pid }) => pid)

it("ends what has left its group, what has lost its leader, and what is deaf or stopped; but no other tree", async () => {
  const folder = await crashed(
    root([
      shell("strays", "setsid sleep 1000 & exec sleep 1000"),
      shell("leaderless", "sleep 1000 & exec sleep 1000"),
      shell("deaf", "trap '' TERM; echo ready; while :; do sleep 0.05; done"),
      sleeper("stopped")
    ])
  )
  const state = join(folder, ".supervise")
  await eventually("all run", () => pidsAt(at("strays")).length === 2 && pidsAt(at("leaderless")).length === 2)
  const leader = pidsAt(at("leaderless")).find((pid) => statOf(pid)?.group === pid)!
  signal(leader, "SIGKILL")
  await eventually("the leader is gone", () => pidsAt(at("leaderless")).length === 1)
  signal(pidOf(at("stopped")), "SIGSTOP")
  // The same names, and one with another supervisor in the same state directory.
  const [twin, next] = [await up(root([sleeper("strays")])), await up(root([sleeper("next")]), folder)]
  const healthy = [twin, next].flatMap(({ pid }) => living().filter((one) => statOf(one.pid)?.parent === pid && one.path !== undefined))
  expect(healthy).toHaveLength(2)

  const named = await says(folder, "doctor")
  expect(named.code).toBe(1)
  const healthyPids = healthy.map(({ pid }) => pid)
  for (const id of ["strays", "leaderless", "stopped"]) {
    const pids = pidsAt(at(id)).filter((pid) => !healthyPids.includes(pid))
    expect(named.stderr).toMatch(new RegExp(`${at(id)} \\(pid (${pids.join("|")})(, (${pids.join("|")})){${pids.length - 1}}\\)`))
  }
  expect(named.stderr).toContain(`To end them: supervise doctor --kill --state ${state}`)

  const ended = await says(folder, "doctor", "--kill")
  expect([ended.code, ended.stderr]).toEqual([0, ""])
  expect(ended.stdout).toMatch(/^Ended: /)
  expect(
    living()
      .filter(({ path }) => path !== undefined)
      .map(({ pid }) => pid)
      .sort()
  ).toEqual(healthyPids.toSorted())
  const nothing = `\nNo earlier supervisor with the state directory ${state} has left a process behind.\n`
  expect(await says(folder, "doctor")).toEqual({ code: 0, stdout: expect.stringContaining(nothing), stderr: "" })
  for (const running of [twin, next]) {
    running.kill("SIGTERM")
    expect(await running.code).toBe(0)
  }
})

it("ends members of a group that have no such environment, and what is left of a state directory that was removed", async () => {
  const folder = await crashed(root([shell("cleared", "env -i sleep 60 & exec sleep 1000")]))
  const state = join(folder, ".supervise")
  const leader = pidsAt(at("cleared")).find((pid) => statOf(pid)?.group === pid)!
  const bare = await eventually("it has no environment", () =>
    membersOf(leader).find((pid) => pid !== leader && /^sleep/.test(commandOf(pid)))
  )
  rmSync(state, { recursive: true })
  expect(await says(folder, "doctor")).toMatchObject({ code: 1, stderr: expect.stringContaining(`(pid ${leader}, ${bare})`) })
  expect((await says("/", "doctor", "--kill", "--state", state)).stdout).toMatch(
    new RegExp(`^Ended: ${at("cleared")} \\(pid ${leader}, ${bare}\\)\\.\n$`)
  )
  expect(membersOf(leader)).toEqual([])
})

it.runIf(process.getuid?.() === 0)("says nothing about the processes of another user, whose state directory it is", async () => {
  const state = join(temporaryFolder(), ".supervise")
  mkdirSync(state, { mode: 0o700 })
  chownSync(state, 65_534, 65_534)
  expect(await says("/", "doctor", "--state", state)).toMatchObject({
    code: 69,
    stderr: expect.stringContaining("belongs to user 65534, and this runs as user 0; run this as its owner")
  })
  expect(await says("/", "ps", "--state", "/dev/null")).toMatchObject({ code: 69, stderr: expect.stringContaining("it is not a folder") })
})

it("never ends itself or what has started it, though that was left behind", async () => {
  const script = `until [ -e go ]; do sleep 0.05; done; '${process.execPath}' '${bin}' doctor --kill > out; mv out done; exec sleep 1000`
  const folder = await crashed(root([shell("shell", script), sleeper("a")]))
  const left = pidsAt(at("shell")).find((pid) => statOf(pid)?.group === pid)!
  const other = pidOf(at("a"))
  writeFileSync(join(folder, "go"), "")
  await eventually("the doctor has ended", () => existsSync(join(folder, "done")))
  expect(readFileSync(join(folder, "done"), "utf8")).toBe(`Ended: ${at("a")} (pid ${other}).\n`)
  expect(pidsAt(at("shell"))).toEqual([left])
  signal(left, "SIGKILL")
})

it("says what the spawner guarantees here, and where its keeper is", async () => {
  const folder = temporaryFolder()
  const portable = await says(folder, "doctor", "--spawner", "node")
  expect(portable).toMatchObject({ code: 0, stderr: "" })
  expect(portable.stdout).toMatch(/^Spawner: node\. Workers go on without supervision if supervise is killed\.\n/)
  expect(portable.stdout).toContain("\n  no   workers end when supervise is killed or crashes: only a keeper outlives it, and sees that\n")
  expect(portable.stdout).toContain("\n  yes  what has left its group is found by its environment, and ends with its worker\n")
  expect(portable.stdout).toMatch(/\nThere is no state directory here or in a folder above, so nothing was looked for .*\n$/)
  expect(await says(folder, "doctor", "--kill")).toMatchObject({ code: 69, stdout: "" })

  const program = keeperProgram()
  const native = await says(folder, "doctor", "--spawner", "keeper")
  if (typeof program !== "string") return expect(native).toMatchObject({ code: 64, stdout: "" })
  expect(native.stdout).toMatch(/^Spawner: keeper\. Workers end with supervise, however it ends\.\n {2}yes {2}workers end when/)
  expect(native.stdout).toMatch(/\nThe keeper is \/.*\/keeper\/(build\/keeper|bin\/keeper-\w+)\.\n/)
})

const statOf = (pid: number) => {
  const stat = readStat(pid)
  return typeof stat === "string" || !stat.alive ? undefined : stat
}
const membersOf = (group: number): ReadonlyArray<number> => ownProcesses().filter((pid) => statOf(pid)?.group === group)
