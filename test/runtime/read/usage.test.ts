/** What the workers of a tree use: looked up by their processes, a hundred processes of the machine at a time. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { expect, it } from "vitest"
import { usageIn } from "../../../src/runtime/read/usage.ts"
import { temporaryFolder } from "../processes.ts"

type Children = Parameters<typeof usageIn>[0]["children"]

/** A /proc with processes from 1000 on, each alone in its group. */
function machine(count: number): string {
  const proc = temporaryFolder()
  for (let pid = 1000; pid < 1000 + count; pid++) {
    mkdirSync(join(proc, String(pid)))
    writeFileSync(join(proc, String(pid), "stat"), `${pid} (a) S 1 ${pid} ${pid} 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 99 0 0\n`)
  }
  return proc
}

/** The answer, and how often something else could run meanwhile. */
async function ask(count: number, pids: { readonly [path: string]: number | undefined }) {
  const children = new Map(
    Object.entries(pids).map(([path, pid]) => [path, { path, process: pid === undefined ? undefined : { pid, startTime: 99 } }])
  )
  let turns = 0
  let immediate: NodeJS.Immediate
  const turn = () => {
    immediate = setImmediate(() => {
      turns++
      turn()
    })
  }
  turn()
  const usage = await Effect.runPromise(usageIn({ children: children as unknown as Children }, machine(count)))
  clearImmediate(immediate!)
  return { usage, turns }
}

it("in the order of the tree, without those that have no process or whose process has ended", async () => {
  const { usage } = await ask(3, { "/r/b": 1002, "/r/none": undefined, "/r/a": 1000, "/r/ended": 5 })
  expect(usage).toEqual([
    { path: "/r/b", leader: { cpuMs: 20, memoryBytes: 0 }, group: { processes: 1, cpuMs: 20, memoryBytes: 0 } },
    { path: "/r/a", leader: { cpuMs: 20, memoryBytes: 0 }, group: { processes: 1, cpuMs: 20, memoryBytes: 0 } }
  ])
})

it.each([
  [99, 0],
  [100, 1],
  [250, 2]
])("of %i processes, something else can run %i times meanwhile", async (count, times) => {
  expect((await ask(count, { "/r/a": 1000 })).turns).toBe(times)
})
