/** `supervise rehearse` and `supervise whatif`: stories, summaries, comparisons, and errors. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pool, supervisor, type TreeSpec, worker } from "supervise"
import { describe, expect, it } from "vitest"
import { behavioursOf, type FaultFlags, injectionsOf } from "../../src/cli/rehearse/faults.ts"
import { percent } from "../../src/cli/rehearse/figuresText.ts"
import { BadRehearsal, type BehaviourAt } from "../../src/testing.ts"
import { supervise, treeFile } from "../runtime/command.ts"
import { temporaryFolder } from "../runtime/processes.ts"
import { root, shell, sleeper } from "../runtime/tree.ts"

const none: FaultFlags = {
  ...{ kill: [], hang: [], hint: [], pause: [], outage: [], spawnErrors: [], swizzle: [], stall: [], suspend: [], clockJump: [] },
  ...{ fail: [], start: [], stop: [], failedStarts: [], hangs: [], pauses: [], exits: [], deaf: [] }
}

describe("the flags for faults", () => {
  const cases: ReadonlyArray<[Partial<FaultFlags>, object]> = [
    [{ kill: ["db@3s"] }, { type: "kill", path: "db", at: 3000 }],
    [{ kill: ["/shop/jobs/*"] }, { type: "kill", path: "/shop/jobs/*" }],
    [{ hang: ["web@1m"] }, { type: "hang", path: "web", at: 60_000 }],
    [{ pause: ["web@1m:5s"] }, { type: "pause", path: "web", at: 60_000, forMs: 5000 }],
    [{ hint: ["web@1m"] }, { type: "hint", path: "web", at: 60_000 }],
    [{ outage: ["db@1m:5m"] }, { type: "outage", path: "db", at: 60_000, forMs: 300_000 }],
    [{ outage: ["db:5m"] }, { type: "outage", path: "db", forMs: 300_000 }],
    [{ spawnErrors: ["jobs:1s"] }, { type: "spawnErrors", path: "jobs", forMs: 1000 }],
    [{ swizzle: ["jobs@2s:1s"] }, { type: "swizzle", path: "jobs", at: 2000, forMs: 1000 }],
    [{ stall: ["5s"] }, { type: "stall", forMs: 5000 }],
    [{ suspend: ["@1m:5s"] }, { type: "suspend", at: 60_000, forMs: 5000 }],
    [{ clockJump: ["@1m:-5s"] }, { type: "clockJump", at: 60_000, byMs: -5000 }],
    [{ clockJump: ["1h"] }, { type: "clockJump", byMs: 3_600_000 }]
  ]
  for (const [flags, fault] of cases) it(JSON.stringify(flags), () => expect(injectionsOf({ ...none, ...flags })).toEqual([fault]))
})

describe("the flags for behaviours", () => {
  const cases: ReadonlyArray<[Partial<FaultFlags>, object]> = [
    [{ fail: ["jobs/*=exp(30s)"] }, { path: "jobs/*", lifetime: { type: "exponential", meanMs: 30_000 } }],
    [{ fail: ["db=weibull(30s, 1.5)"] }, { path: "db", lifetime: { type: "weibull", scaleMs: 30_000, shape: 1.5 } }],
    [{ fail: ["db=never"] }, { path: "db", lifetime: { type: "never" } }],
    [{ start: ["web=2s"] }, { path: "web", starting: { type: "constant", ms: 2000 } }],
    [{ stop: ["web=7s"] }, { path: "web", stopping: { type: "constant", ms: 7000 } }],
    [{ failedStarts: ["web=10%"] }, { path: "web", failedStarts: 0.1 }],
    [{ hangs: ["web=0.5"] }, { path: "web", hangs: 0.5 }],
    [
      { exits: ["web=3|SIGSEGV"] },
      {
        path: "web",
        exits: [
          { _tag: "Code", code: 3 },
          { _tag: "Signal", signal: "SIGSEGV" }
        ]
      }
    ],
    [{ deaf: ["web"] }, { path: "web", deaf: true }]
  ]
  for (const [flags, behaviour] of cases) it(JSON.stringify(flags), () => expect(behavioursOf({ ...none, ...flags })).toEqual([behaviour]))
})

it("measured lifetimes are read from the first column of a file", () => {
  const csv = join(temporaryFolder(), "lifetimes.csv")
  writeFileSync(csv, `lifetime,host\n1.5s,a\n\n2,b\n"250ms",c\n`)
  const [{ lifetime }] = behavioursOf({ ...none, fail: [`db=csv(${csv})`] }) as [BehaviourAt]
  expect(lifetime).toEqual({ type: "samples", ms: [1500, 2000, 250] })
})

describe("an invalid value is named", () => {
  const cases: ReadonlyArray<[Partial<FaultFlags>, string]> = [
    [{ kill: ["db@soon"] }, 'the time in --kill db@soon is "soon", and should be a duration such as "30s", of at most ten years.'],
    [{ kill: ["db:3s"] }, "--kill db:3s should be PATH@WHEN, such as db@3s."],
    [{ kill: ["@3s"] }, "--kill @3s should be PATH@WHEN, such as db@3s."],
    [{ kill: ["a@1s@2s"] }, "--kill a@1s@2s has more than one @ or : in it."],
    [{ outage: ["db"] }, "--outage db should be PATH@WHEN:HOW_LONG, such as db@1m:30s, or PATH:HOW_LONG."],
    [{ stall: ["db:5s"] }, "--stall db:5s should be @WHEN:HOW_LONG, such as @1m:5s, or HOW_LONG."],
    [{ clockJump: ["+"] }, "--clock-jump + should be @WHEN:+HOW_LONG or @WHEN:-HOW_LONG, such as @1m:-5s."],
    [{ fail: ["db"] }, "--fail db should be PATH=SOMETHING."],
    [
      { fail: ["db=norm(3s)"] },
      "--fail db=norm(3s): there is no distribution norm. There are 30s, exp(30s), weibull(30s,1.5), csv(FILE) and never."
    ],
    [{ fail: ["db=exp(x)"] }, 'the time in --fail db=exp(x) is "x", and should be a duration'],
    [{ fail: ["db=weibull(3s)"] }, "--fail db=weibull(3s): weibull takes a time and a shape, such as weibull(30s,1.5)."],
    [{ fail: ["db=csv(/nowhere.csv)"] }, "--fail db=csv(/nowhere.csv): /nowhere.csv cannot be read: ENOENT."],
    [{ fail: ["db=csv(/dev/null)"] }, "--fail db=csv(/dev/null): there is no time in /dev/null."],
    [{ failedStarts: ["db=200%"] }, "--failed-starts db=200%: 200% should be a share, such as 10%."],
    [{ exits: ["db=999"] }, "--exits db=999: 999 should be an exit code or a signal, such as 3 or SIGSEGV; several with | between them."]
  ]
  for (const [flags, sentence] of cases)
    it(JSON.stringify(flags), () => {
      const read = () => [injectionsOf({ ...none, ...flags }), behavioursOf({ ...none, ...flags })]
      expect(read).toThrow(BadRehearsal)
      expect(read).toThrow(sentence)
    })
})

// ---------------------------------------------------------------- the command itself

const shop: TreeSpec = supervisor({
  id: "shop",
  children: [
    worker({ id: "db", start: ["touch", "started"], backoff: { type: "constant", delay: "1s", jitter: 0 } }),
    pool({ id: "jobs", size: 2, child: worker({ id: "job", start: ["touch", "started"] }) })
  ]
})

class TreeFolder {
  readonly folder = temporaryFolder()
  readonly tree: string
  constructor(spec: TreeSpec = shop) {
    this.tree = treeFile(spec, this.folder)
  }
  async says(verb: string, ...args: ReadonlyArray<string>) {
    const running = supervise([verb, this.tree, ...args], { cwd: this.folder })
    return { code: await running.code, stdout: running.stdout, stderr: running.stderr }
  }
}

it("prints a story with its faults, and starts nothing", async () => {
  const folder = new TreeFolder()
  const { code, stdout, stderr } = await folder.says("rehearse", "--for", "1m", "--kill", "db@3s")
  expect([code, stderr]).toEqual([0, ""])
  expect(stdout).toBe(`00:00:00.000  /shop starting
00:00:00.000  /shop/db up
00:00:00.000  /shop/jobs starting
00:00:00.000  /shop/jobs/1 up
00:00:00.000  /shop/jobs/2 up
00:00:00.000  /shop/jobs up
00:00:00.000  /shop up
00:00:03.000  * db is killed
00:00:03.000  /shop/db was killed by SIGKILL (was up 3s)
00:00:03.000  /shop/db restart 1 within 30s, 5 allowed
00:00:03.000  /shop/db restarts in 1s (attempt 1)
00:00:04.000  /shop/db up

seed          0
availability  98.33 % of the time all required workers were up
restarts      1
gave up       none
recovery      once, within 1s
the end       it was still running
`)
  expect(existsSync(join(folder.folder, "started"))).toBe(false)
})

it("prints in a story how soon a hang was found, and what was convicted that had only paused", async () => {
  const folder = temporaryFolder()
  const watched = worker({ id: "web", start: ["web"], shutdown: "brutalKill", heartbeat: { every: "1s" } })
  const tree = treeFile(supervisor({ id: "shop", children: [watched] }), folder)
  const running = supervise(["rehearse", tree, "--for", "10m", "--hang", "web@1m", "--pause", "web@5m:5s"], { cwd: folder })
  expect(await running.code).toBe(0)
  expect(running.stdout).toMatch(/^hangs found {3}once, within \d+(\.\d)?m?s\nmistaken {6}1 convicted that had only paused$/m)
})

it("goes the same way with the same seed, as lines of JSON too", async () => {
  const folder = new TreeFolder()
  const rehearse = () => folder.says("rehearse", "--for", "1h", "--seed", "7", "--fail", "jobs=exp(1m)", "--outage", "db:1m", "--json")
  const [one, again] = [await rehearse(), await rehearse()]
  expect(one).toEqual(again)
  const lines = one.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  expect(lines[0]).toMatchObject({ at: 0, event: "Starting", path: "/shop", message: "starting" })
  expect(lines.at(-1)).toMatchObject({ seed: 7, violations: [], fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) })
})

it("leaves out the middle of a long story without --all", async () => {
  const folder = new TreeFolder()
  const short = (await folder.says("rehearse", "--fail", "jobs=exp(30s)")).stdout.split("\n")
  const whole = (await folder.says("rehearse", "--fail", "jobs=exp(30s)", "--all")).stdout.split("\n")
  const left = Number(short.map((line) => /… (\d+) lines left out/.exec(line)?.[1]).find((count) => count !== undefined))
  expect(left).toBeGreaterThan(100)
  expect(whole.length).toBe(short.length + left - 1)
})

it("summarises many runs, and its command for the worst run shows that run", async () => {
  const folder = new TreeFolder()
  const { code, stdout } = await folder.says(
    "rehearse",
    "--runs",
    "50",
    "--seed",
    "10",
    "--for",
    "30m",
    "--fail",
    "jobs/*=exp(20s)",
    "--outage",
    "db:2m"
  )
  expect(code).toBe(0)
  expect(stdout).toMatch(/^rehearsals {4}50, with seeds 10 to 59\navailability {2}\d+\.\d+ % \(/)
  const [, seed, share] = /^worst +seed (\d+): ([\d.]+ %)/m.exec(stdout)!
  const command = /^ {2}supervise rehearse (.*)$/m.exec(stdout)![1]!
  expect(command).toBe(`${folder.tree} --for 30m --fail 'jobs/*=exp(20s)' --outage db:2m --seed ${seed}`)
  const alone = await folder.says("rehearse", "--for", "30m", "--fail", "jobs/*=exp(20s)", "--outage", "db:2m", "--seed", seed!)
  expect(alone.stdout).toContain(`availability  ${share}`)
  const three = await folder.says("rehearse", "--runs", "3", "--json", "--kill", "db@1s")
  expect(JSON.parse(three.stdout)).toMatchObject({ runs: 3, workers: { "/shop/jobs/*": { mean: 1 } }, worst: { seed: 0 } })
})

it("only the result of all changes has to be a tree, in whatever order they are given", async () => {
  const beats = worker({ id: "beats", start: ["beats"], heartbeat: { every: "1s" } })
  const folder = new TreeFolder(supervisor({ id: "root", strategy: "RestForOne", children: [beats] }))
  const vary = ["suspect=9", "breaker=5", "convict=12", "strategy=OneForOne"].flatMap((change) => ["--vary", change])
  const { code, stdout } = await folder.says("whatif", "--runs", "2", ...vary)
  expect([code, stdout.split("\n").length]).toEqual([0, 4])
  const alone = await folder.says("whatif", "--vary", "suspect=9")
  expect([alone.code, alone.stderr]).toEqual([64, expect.stringMatching(/^--vary makes no tree: suspect=9 is not a tree I can run/)])
})

it("compares detectors by how soon they find hangs, and how often they are mistaken", async () => {
  const beats = worker({ id: "beats", start: ["beats"], heartbeat: { every: "1s" } })
  const folder = new TreeFolder(supervisor({ id: "root", intensity: 1000, children: [beats] }))
  const world = ["--runs", "5", "--for", "2h", "--hangs", "beats=50%", "--fail", "beats=exp(5m)", "--pauses", "beats=exp(10m)/3s"]
  const { code, stdout } = await folder.says("whatif", ...world, "--vary", "grace=500ms,10s")
  expect(code).toBe(0)
  const [titles, ...rows] = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(/ {2,}/))
  expect(titles!.slice(-2)).toEqual(["HANGS FOUND 50 % / 99 %", "MISTAKEN"])
  const [first, short, long] = rows.map((row) => ({ found: Number.parseFloat(row.at(-2)!), mistaken: Number.parseFloat(row.at(-1)!) }))
  expect(short).toEqual(first)
  expect(long!.found).toBeGreaterThan(short!.found)
  expect(long!.mistaken).toBeLessThan(short!.mistaken)
})

it("compares every combination under the same faults", async () => {
  const folder = new TreeFolder()
  const { code, stdout } = await folder.says(
    "whatif",
    "--runs",
    "20",
    "--fail",
    "jobs=exp(10s)",
    "--vary",
    "jobs:intensity=1,50",
    "--vary",
    "backoff=constant(1s),adaptive(1s,10s)"
  )
  expect(code).toBe(0)
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(/ {2,}/))
  expect(rows.map(([name]) => name)).toEqual([
    "VARIANT",
    "as it is",
    "jobs:intensity=1 backoff=constant(1s)",
    "jobs:intensity=1 backoff=adaptive(1s,10s)",
    "jobs:intensity=50 backoff=constant(1s)",
    "jobs:intensity=50 backoff=adaptive(1s,10s)"
  ])
  const json = await folder.says("whatif", "--runs", "2", "--vary", "strategy=OneForAll", "--json")
  expect(
    json.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).variant)
  ).toEqual(["as it is", "strategy=OneForAll"])
})

it("records a rehearsal, replays it, and notices any other decision", async () => {
  const folder = new TreeFolder()
  await folder.says("rehearse", "--for", "1m", "--seed", "3", "--kill", "db@3s", "--record", "journal.jsonl")
  const same = await folder.says("rehearse", "--replay", "journal.jsonl")
  expect(same).toMatchObject({ code: 0, stderr: "" })
  expect(same.stdout).toMatch(/^journal\.jsonl: \d+ events; all \d+ decisions are the same\.\n$/)
  const text = readFileSync(join(folder.folder, "journal.jsonl"), "utf8")
  writeFileSync(join(folder.folder, "other.jsonl"), text.replace('"delayMs":1000', '"delayMs":999'))
  const other = await folder.says("rehearse", "--replay", "other.jsonl")
  expect(other.code).toBe(1)
  expect(other.stderr).toMatch(
    /"delayMs":999.*\n {2}now: .*"delayMs":1000.*\nother\.jsonl is decided differently: the first \d+ events are the same, and the next is not\.\n$/
  )
  mkdirSync(join(folder.folder, "folder"))
  const refused = await folder.says("rehearse", "--record", "journal.jsonl")
  expect(refused).toMatchObject({
    code: 74,
    stderr: "The output could not be written: journal.jsonl already exists, and is not overwritten.\n"
  })
  const strange = supervise(["rehearse", treeFile({ ...shop, id: "bar" }, join(folder.folder, "folder")), "--replay", "journal.jsonl"], {
    cwd: folder.folder
  })
  expect(await strange.code).toBe(64)
  expect(strange.stderr).toBe("journal.jsonl is a recording of the tree shop, not of bar: the decisions cannot be compared.\n")
})

it("replays the recording of a live tree", async () => {
  const folder = temporaryFolder()
  const failing = shell("b", "sleep 0.1; exit 3", { env: { TOKEN: "hunter2" } })
  const file = treeFile(root([sleeper("a"), failing], { intensity: 2, onIntensity: "escalate" }), folder)
  const running = supervise([file, "--record", "journal.jsonl"], { cwd: folder })
  expect(await running.code).toBe(75)
  expect(readFileSync(join(folder, "journal.jsonl"), "utf8")).not.toContain("hunter2")
  const again = supervise(["rehearse", join(folder, "tree.json"), "--replay", "journal.jsonl"], { cwd: folder })
  expect(await again.code).toBe(0)
  expect(again.stdout).toMatch(/^journal\.jsonl: \d\d events; all \d\d decisions are the same\.\n$/)
  const shown = supervise([file, "--record", "shown.jsonl", "--show-secrets"], { cwd: folder })
  expect(await shown.code).toBe(75)
  expect(readFileSync(join(folder, "shown.jsonl"), "utf8")).toContain("hunter2")
  expect(await supervise(["rehearse", file, "--replay", "shown.jsonl"], { cwd: folder }).code).toBe(0)
  const twice = supervise([join(folder, "tree.json"), "--record", "journal.jsonl"], { cwd: folder })
  expect(await twice.code).toBe(74)
  expect(twice.stderr).toBe("The output could not be written: journal.jsonl already exists, and is not overwritten.\n")
})

describe("bad input gets a sentence and exit 64", () => {
  const cases: ReadonlyArray<[string, ReadonlyArray<string>, string]> = [
    ["rehearse", ["--kill", "bd"], "There is no bd in the tree shop. Did you mean /shop/db?"],
    ["rehearse", ["--kill", "jbos"], "There is no jbos in the tree shop. Did you mean /shop/jobs?"],
    ["rehearse", ["--for", "soon"], '--for is "soon", and should be a duration'],
    ["rehearse", ["--runs", "0"], "--runs 0 should be between 1 and 1000000."],
    ["rehearse", ["--replay", "nowhere"], "nowhere cannot be read: ENOENT."],
    ["rehearse", ["--replay", "x", "--runs", "2"], "--replay compares one recording, and takes no --runs."],
    ["rehearse", ["--for", "1m", "--kill", "db@2m"], "the kill of db at 2m comes after the end of the rehearsal, which is at 1m."],
    ["rehearse", ["--record", "x", "--runs", "2"], "--record writes one rehearsal, but --runs asks for many."],
    ["whatif", [], "Missing required flag: --vary"],
    ["whatif", ["--vary", "intensiti=3"], "--vary intensiti=3: intensiti cannot be varied. Did you mean intensity?"],
    ["whatif", ["--vary", "period=3"], "--vary makes no tree"],
    ["whatif", ["--vary", "breaker=yes"], "--vary breaker=yes: yes should be none, or a number of children that fail."],
    ["whatif", ["--vary", "intensity=1,,2"], "a value should be something: there is nothing between two commas."],
    ["whatif", ["--vary", "db:backoff=constant(1s)", "--vary", "db:backoff=constant(2s)"], "--vary db:backoff is given twice"],
    ["whatif", ["--vary", "intensity=few"], "--vary intensity=few: few should be a number of restarts."],
    [
      "whatif",
      ["--vary", "backoff=soon"],
      "--vary backoff=soon: soon should be constant(1s), linear(1s,10s), exponential(100ms,30s) or adaptive(100ms,1m)."
    ],
    ["whatif", ["--vary", "mail:intensity=1"], "There is no mail in the tree shop."]
  ]
  it.for(cases)("%s %j", async ([verb, args, sentence]) => {
    const folder = new TreeFolder()
    const { code, stdout, stderr } = await folder.says(verb, ...args)
    expect({ code, stdout, stderr }).toEqual({ code: 64, stdout: "", stderr: expect.stringContaining(sentence) })
    expect(stderr).not.toMatch(/\n {4}at /)
  })
})

it("prints shares with enough digits to show what is missing", () => {
  expect([0, 0.5, 0.99, 0.9995, 0.9999999, 1, 1 - 1e-12].map(percent)).toEqual([
    "0 %",
    "50.00 %",
    "99.00 %",
    "99.9500 %",
    "99.999990 %",
    "100 %",
    "100 %"
  ])
})
