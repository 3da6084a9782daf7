/** Which processes count as left behind, and how they are listed. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { expect, it } from "vitest"
import { readStat } from "../../../src/leaf/os/proc.ts"
import { listed, orphansOf, sayOrphans } from "../../../src/runtime/state/orphans.ts"
import { temporaryFolder } from "../processes.ts"

const orphan = (path: string, pid: number) => ({ path, pid, startTime: 1, group: pid })

it("names them by path, and counts the paths beyond twenty", () => {
  const all = Array.from({ length: 22 }, (_, n) => orphan(`/r/${n}`, 100 + n))
  const twenty = all.slice(0, 20)
  expect(listed([orphan("/r/a", 12), orphan("/r/b", 14), orphan("/r/a", 13)])).toBe("/r/a (pid 12, 13), /r/b (pid 14)")
  expect(listed(twenty)).toBe(twenty.map(({ path, pid }) => `${path} (pid ${pid})`).join(", "))
  expect(listed(all)).toBe(`${listed(twenty)} and 2 more paths`)
})

it("the command that ends them can be copied into a shell", () => {
  const command = (state: string) => /To end them: (.*)$/.exec(sayOrphans(state, [orphan("/r/a", 12)]))?.[1]
  expect(command("/srv/.supervise")).toBe("supervise doctor --kill --state /srv/.supervise")
  expect(command("/my shop's/.supervise")).toBe("supervise doctor --kill --state '/my shop'\\''s/.supervise'")
})

it("neither this process nor what has started it counts, though it is known", () => {
  const state = join(temporaryFolder(), ".supervise")
  const known = [process.pid, process.ppid].map((pid) => {
    const { startTime, group } = readStat(pid) as Exclude<ReturnType<typeof readStat>, string>
    return { path: "/r/a", pid, startTime, group }
  })
  expect(orphansOf(state, known)).toEqual([])
})

it("one that is known still counts, but only with both its pid and its start time", () => {
  const sleep = spawn("sleep", ["1000"], { detached: true })
  try {
    const [state, pid] = [join(temporaryFolder(), ".supervise"), sleep.pid!]
    const { startTime, group } = readStat(pid) as Exclude<ReturnType<typeof readStat>, string>
    const known = { path: "/r/a", pid, startTime, group }
    expect(orphansOf(state)).toEqual([])
    expect(orphansOf(state, [known])).toEqual([known])
    expect(orphansOf(state, [{ ...known, pid: pid + 1 }])).toEqual([])
    expect(orphansOf(state, [{ ...known, startTime: startTime - 1 }])).toEqual([])
  } finally {
    sleep.kill("SIGKILL")
  }
})
