/** The bench as a real process: its output, that nothing of it is left, and its sentences. Speeds are not asserted. */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { judge } from "../../bench/aims.ts"
import { installed } from "../../bench/contender.ts"
import { ours as contenders, peers } from "../../bench/contenders/all.ts"
import { figures } from "../../bench/figures.ts"
import { print } from "../../bench/print.ts"
import { Running } from "../runtime/command.ts"
import { commandOf, eventually, living, temporaryFolder } from "../runtime/processes.ts"

const main = join(import.meta.dirname, "../../bench/main.ts")
const ours = ["supervise", "portable"]

const possible = installed("cc") !== undefined || process.env.REQUIRE_ALL === "1"
if (!possible) console.log("The bench is not run here: its children take a C compiler, `apt-get install gcc libc6-dev`.")

/** With its own folder for temporary files, to see what it leaves there. */
function bench(...args: ReadonlyArray<string>): { readonly running: Running; readonly left: () => ReadonlyArray<string> } {
  const folder = temporaryFolder()
  const running = new Running(process.execPath, [main, ...args], { env: { ...process.env, TMPDIR: folder } })
  return { running, left: () => readdirSync(folder).filter((name) => name.startsWith("supervise-bench-")) }
}

interface Sample {
  readonly measure: string
  readonly size: number
  readonly of: string
  readonly value: number
  readonly each?: ReadonlyArray<number>
}

it.skipIf(!possible)("measures ourselves and a peer, and tells it as one document", async () => {
  const asked = ["--quick", "--only", "restart,boot,stop,core", "--rounds", "1", "--leaves", "10", "--against", "node", "--json"]
  const { running, left } = bench(...asked)
  expect(await running.code, running.stderr).toBe(0)
  const told = JSON.parse(running.stdout)
  expect(told).toMatchObject({ machine: { node: process.versions.node }, options: { rounds: 1, sizes: [10] }, missing: [], notes: [] })
  expect(told.contenders.map(({ name }: { name: string }) => name)).toEqual(["node", ...ours])

  const samples = told.samples as ReadonlyArray<Sample>
  for (const measure of ["restart", "boot", "stop"]) {
    const taken = samples.filter((sample) => sample.measure === measure)
    expect(taken.map(({ of }) => of)).toEqual(["node", ...ours])
    for (const { value, size } of taken) {
      expect(size).toBe(10)
      expect(value).toBeGreaterThan(0)
    }
  }
  for (const { each } of samples.filter(({ measure }) => measure === "restart")) expect(each).toHaveLength(20)
  expect(samples.filter(({ measure }) => measure === "core").map(({ of }) => of)).toContain("pool of 1,000")
  expect(told.figures).toContainEqual(expect.objectContaining({ measure: "boot", of: "node", to: expect.objectContaining({ node: one }) }))
  expect(told.aims).toContainEqual(expect.objectContaining({ measure: "restart", of: "supervise", aim: "at most 0.5 × bare Node" }))

  expect(living()).toEqual([])
  expect(left()).toEqual([])
})

it.skipIf(!possible)("prints the same as tables, and the aims beside them", async () => {
  const { running } = bench("--quick", "--only", "memory,idle", "--rounds", "1", "--leaves", "10", "--against", "c")
  expect(await running.code, running.stderr).toBe(0)
  expect(running.stdout).toMatch(/memory, MiB with +1 leaf +10 +KiB\/leaf/)
  expect(running.stdout).toMatch(/C loop +\d+\.\d\d\d .*\nsupervise, keeper +\d+\.\d\d\d /)
  expect(running.stdout).toMatch(/aim: 0\.0 % of a core: too few rounds to say$/m)
})

it.skipIf(!possible)("leaves no process and no folder when it is interrupted", async () => {
  const { running, left } = bench("--only", "storm", "--against", "node")
  await eventually("a contender's leaves run", () => living().some(({ pid }) => commandOf(pid).includes("ends:")))
  running.kill("SIGINT")
  expect(await running.ended).toEqual({ code: null, signal: "SIGINT" })
  expect(living()).toEqual([])
  expect(left()).toEqual([])
})

it.each([
  [["--only", "speed"], '--only: there is no measure "speed". There are restart, boot, '],
  [["--against", "node,monit"], '--against: there is no "monit". There are c, node, '],
  [["--ours", "list"], '--ours: there is no "list". There are supervise, portable, '],
  [["--rounds", "0"], '--rounds: found "0", expected a number from 1 to 100.'],
  [["--leaves", "10,many"], '--leaves: found "many", expected numbers from 2 to 10000 such as 10,100.'],
  [["--fast"], "Unknown option '--fast'."],
  [["fast"], "Unexpected argument 'fast'."]
])("says what is wrong with %j", async (args, sentence) => {
  const { running } = bench(...args)
  expect(await running.code).toBe(64)
  expect(running.stderr).toContain(sentence)
  expect(running.stdout).toBe("")
})

const one = { median: 1, low: 1, high: 1, pairs: 1 }
const sample = (measure: string, of: string, round: number, value: number, size = 1000) => ({ measure, of, round, value, size })

it("computes ratios within a round, and what a leaf adds from two runs of a round", () => {
  const found = figures([
    sample("boot", "c", 1, 100),
    sample("boot", "supervise", 1, 150),
    sample("boot", "c", 2, 1000),
    sample("boot", "supervise", 2, 2700),
    sample("boot", "c", 3, 10),
    sample("boot", "supervise", 3, 28),
    ...[1, 2].flatMap((round) => [sample("memory", "supervise", round, 50, 1), sample("memory", "supervise", round, 60, 1025)])
  ])
  expect(found).toContainEqual({
    ...{ measure: "boot", size: 1000, of: "supervise", value: 150, rounds: 3 },
    to: { c: { median: 2.7, low: 2.1, high: 2.75, pairs: 3 }, supervise: { ...one, pairs: 3 } }
  })
  expect(found).toContainEqual(expect.objectContaining({ measure: "perLeaf", size: 1025, of: "supervise", value: 10 }))
  expect(judge(found)).toEqual([
    { measure: "boot", size: 1000, of: "supervise", aim: "at most 2.6 × C", reached: 2.7, met: false },
    { measure: "perLeaf", size: 1025, of: "supervise", aim: "at most 20 KiB a leaf", reached: 10, met: undefined } // of two rounds
  ])
})

it("computes ratios of each pair where contenders took turns, as far as both went", () => {
  const turns = (of: string, each: ReadonlyArray<number>) => ({ ...sample("restart", of, 1, 0, 10), each })
  const [, ours] = figures([turns("c", [100, 200, 300, 400]), turns("supervise", [210, 380, 600])])
  expect(ours!.to.c).toEqual({ median: 2, low: 1.95, high: 2.05, pairs: 3 })
})

it("judges the keeper by what it takes beyond the 0.3 MB, which may be less than nothing", () => {
  const keeper = [1, 2, 3].flatMap((round) => [sample("keeper", "built", round, 0.25, 1), sample("keeper", "built", round, 1.4)])
  expect(judge(figures(keeper)).map(({ size, met }) => [size, met])).toEqual([
    [1, true],
    [1000, false]
  ])
})

it("names the peers that are ahead, and by how much; baselines are no peers", () => {
  const storm = ["c", "dinit", "s6", "supervise"].map((of, i) => sample("storm", of, 1, [9000, 4000, 50, 3000][i]!, 50))
  const restart = ["c", "dinit", "supervise"].map((of, i) => sample("restart", of, 1, [400, 1000, 900][i]!, 10))
  const found = figures([...storm, ...restart])
  const printed = print(found, judge(found), [...contenders, ...peers])
  expect(printed).toContain("supervise, keeper is behind dinit (0.75)")
  expect(printed).toContain("ahead of every peer")
})

it.each([
  [[0.01, 0.01], "met"],
  [[0.6, 0.6], "missed"],
  [[0.6, 0.01], "missed by keeper"]
])("judges three rounds of idling: %j", ([list = 0, pool = 0], judgement) => {
  const samples = [1, 2, 3].flatMap((round) => [
    { measure: "idle", of: "supervise", round, value: list, size: 10 },
    { measure: "idle", of: "pool", round, value: pool, size: 10 }
  ])
  expect(print(figures(samples), judge(figures(samples)), contenders)).toMatch(new RegExp(`0\\.0 % of a core: ${judgement}$`, "m"))
})

it.skipIf(!possible)("measures what only happens beside a program of its own: a spawn of a large one, and logs", async () => {
  const { running, left } = bench("--quick", "--only", "block,logs", "--rounds", "1", "--against", "c", "--ours", "supervise", "--json")
  expect(await running.code, running.stderr).toBe(0)
  const { samples, notes } = JSON.parse(running.stdout) as { samples: ReadonlyArray<Sample>; notes: ReadonlyArray<string> }
  expect(notes).toEqual([])
  const taken = samples.map(({ measure, size, of }) => `${measure} ${size} ${of}`)
  const each = [200, 65_536].flatMap((size) => ["c", "supervise", "keeper alone"].map((of) => `logs ${size} ${of}`))
  expect(taken).toEqual(["block 1024 supervise", ...each])
  for (const { value } of samples) expect(value).toBeGreaterThan(0)
  expect(living()).toEqual([])
  expect(left()).toEqual([])
})
