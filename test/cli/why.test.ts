/**
 * `supervise why`: what was seen, which rules applied and where they are set, what counted, what was done, and what
 * comes next.
 */
import { mkdtempSync, realpathSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { constant, line, pool, supervisor, type TreeSpec } from "supervise"
import { expect, it } from "vitest"
import { sayWhy } from "../../src/cli/print/why.ts"
import type { Node } from "../../src/runtime/read/Control.ts"
import { type Running, supervise, treeFile } from "../runtime/command.ts"
import { eventually, pidOf, rootId, rootPath, signal, temporaryFolder } from "../runtime/processes.ts"
import { at, root, shell, sleeper } from "../runtime/tree.ts"

const program = resolve(import.meta.dirname, "../fixtures/trees/why.ts")

/** A tree that is up, and a second terminal beside its file. */
class Second {
  readonly running: Running
  readonly folder: string

  private constructor(running: Running, folder: string) {
    this.running = running
    this.folder = folder
  }

  static async up(spec: TreeSpec): Promise<Second> {
    const folder = realpathSync(temporaryFolder())
    const second = new Second(supervise([treeFile(spec, folder)]), folder)
    await second.running.event("Started", rootPath)
    return second
  }

  /** The tree file among the fixtures, with our root id. */
  static async program(): Promise<Second> {
    const state = join(realpathSync(temporaryFolder()), "state")
    const second = new Second(supervise([program, "--tier", rootId, "--state", state]), state)
    await second.running.event("Started", rootPath)
    return second
  }

  async why(...args: ReadonlyArray<string>): Promise<ReadonlyArray<string>> {
    const { code, stdout, stderr } = await this.answer(...args)
    expect([code, stderr]).toEqual([0, ""])
    return stdout.trimEnd().split("\n").map(plain)
  }

  async json(...args: ReadonlyArray<string>): Promise<ReadonlyArray<Line>> {
    const { code, stdout } = await this.answer(...args, "--json")
    expect(code).toBe(0)
    return stdout
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text) as Line)
  }

  async answer(...args: ReadonlyArray<string>) {
    const flags = this.folder.endsWith("/state") ? ["--state", this.folder] : []
    const cwd = flags.length === 0 ? this.folder : resolve(program, "..")
    const asking = supervise(["why", ...args, ...flags], { cwd })
    return { code: await asking.code, stdout: asking.stdout, stderr: asking.stderr }
  }

  /** Kills it, and waits for its next incarnation. */
  async kill(...ids: ReadonlyArray<string>): Promise<void> {
    const { incarnation } = this.running.events.findLast(({ event, path }) => event === "Started" && path === at(...ids))!
    signal(pidOf(at(...ids)), "SIGKILL")
    await this.running.event("Started", at(...ids), (event) => event.incarnation > incarnation)
  }

  async end(): Promise<void> {
    this.running.kill("SIGTERM")
    expect(await this.running.code).toBe(0)
  }
}

interface Line {
  readonly about: string
  readonly now: { readonly state: string; readonly hold?: boolean; readonly pendingOn?: { readonly _tag: string } }
  readonly path?: string
  readonly at?: string
  readonly rules?: ReadonlyArray<{ readonly key: string; readonly value: unknown; readonly site?: { file: string; line: number } }>
  readonly outcome?: { readonly _tag: string }
}

/** Replaces what differs each time. */
const plain = (line: string): string =>
  line
    .replaceAll(rootPath, "/r")
    .replace(/\d\d:\d\d:\d\d\.\d{3}/g, "TIME")
    .replace(/\b[\d.]+m?s(?= ago|, which|\.$|, at)/g, "SPAN")
    .replace(/ {2,}/g, "  ")

it("explains a program: the line of each rule that is set, and of the node for each default", async () => {
  const second = await Second.program()
  await second.kill("web")
  expect(await second.why("web")).toEqual(
    [
      "/r/web is up, incarnation 2 for SPAN.",
      "",
      "TIME /r/web (incarnation 1) was killed by SIGKILL after SPAN, which is abnormal",
      '  rules  restart "permanent"  why.ts:19',
      "  strategy RestForOne  why.ts:12",
      "  intensity 5 in 1m  why.ts:13",
      "  backoff constant 10ms  why.ts:21",
      "  window  restart 1 within 1m, 5 allowed",
      "  TIME /r/web (incarnation 1) was killed by SIGKILL, SPAN ago",
      "  so  it is started again, and with it /r/after, /r/jobs",
      "  next  attempt 1, after 10ms, at TIME"
    ].map((line) => line.replace("after 10ms, at", "after SPAN, at"))
  )
  await second.kill("db")
  const db = await second.why("db")
  expect(db.slice(3, 7)).toEqual([
    '  rules  restart "permanent"  by default  why.ts:7',
    "  strategy RestForOne  why.ts:12",
    "  intensity 5 in 1m  why.ts:13",
    "  backoff constant 10ms  why.ts:7"
  ])
  // The pool was restarted twice, and numbers are never reused.
  await second.running.event("Started", at("jobs", "6"))
  await second.kill("jobs", "6")
  expect((await second.why("jobs/6")).slice(2, 8)).toEqual([
    "TIME /r/jobs/6 (incarnation 1) was killed by SIGKILL after SPAN, which is abnormal",
    '  rules  restart "permanent"  by default  why.ts:27',
    "  intensity 5 in 30s  by default  why.ts:24",
    "  backoff constant 10ms  why.ts:30",
    "  window  restart 1 within 30s, 5 allowed",
    "  TIME /r/jobs/6 (incarnation 1) was killed by SIGKILL, SPAN ago"
  ])
  await second.end()
})

it("explains a JSON tree with its lines, and a supervisor with the decisions below it, newest first", async () => {
  const spec = root([sleeper("a"), supervisor({ id: "inner", children: [sleeper("b", { restart: "permanent" })] })])
  const folder = realpathSync(temporaryFolder())
  const file = join(folder, "tree.json")
  writeFileSync(file, JSON.stringify(spec, undefined, 2))
  const lineOf = (text: string, from = 0) =>
    JSON.stringify(spec, undefined, 2)
      .split("\n")
      .findIndex((row, n) => n >= from && row.includes(text)) + 1
  const running = supervise([file])
  await running.event("Started", rootPath)
  const second = Object.assign(Object.create(Second.prototype), { running, folder }) as Second
  for (const ids of [["a"], ["inner", "b"], ["a"]]) await second.kill(...ids)
  const all = await second.json(rootId)
  expect(all.map(({ about, path }) => [about, path])).toEqual([at("a"), at("inner", "b"), at("a")].map((path) => [rootPath, path]))
  expect((await second.json("inner")).map(({ path }) => path)).toEqual([at("inner", "b")])
  expect((await second.json("a", "--last", "1")).map(({ path }) => path)).toEqual([at("a")])
  expect(await second.why(rootId, "--last", "2")).toContain("1 older decision is known: --last 3")

  const [decision] = await second.json("inner/b")
  expect(decision).toEqual({
    about: at("inner", "b"),
    now: { state: "up", incarnation: 2, forMs: expect.any(Number), hold: false, lastExit: { _tag: "Signal", signal: "SIGKILL" } },
    path: at("inner", "b"),
    incarnation: 1,
    at: expect.stringMatching(/^\d{4}-.*Z$/),
    evidence: { exit: { _tag: "Signal", signal: "SIGKILL" }, normal: false, uptimeMs: expect.any(Number) },
    rules: [
      {
        path: at("inner", "b"),
        key: "restart",
        value: "permanent",
        text: '"permanent"',
        site: { file, line: lineOf('"restart"') },
        byDefault: false
      },
      {
        path: at("inner"),
        key: "strategy",
        value: "OneForOne",
        text: "OneForOne",
        site: { file, line: lineOf('"inner"') - 2 },
        byDefault: true
      },
      {
        path: at("inner"),
        key: "intensity",
        value: { intensity: 5, period: 30_000 },
        text: "5 in 30s",
        site: { file, line: lineOf('"inner"') - 2 },
        byDefault: true
      },
      {
        path: at("inner", "b"),
        key: "backoff",
        value: { type: "constant", delay: 10, jitter: 0, forgetAfter: 30_000 },
        text: "constant 10ms",
        site: { file, line: lineOf('"backoff"', lineOf('"inner"')) },
        byDefault: false
      }
    ],
    window: {
      count: 1,
      intensity: 5,
      periodMs: 30_000,
      failures: [{ path: at("inner", "b"), incarnation: 1, at: expect.stringMatching(/Z$/), exit: { _tag: "Signal", signal: "SIGKILL" } }]
    },
    outcome: { _tag: "Restart", affected: 1, first: [at("inner", "b")] },
    next: { attempt: 1, delayMs: 10, at: expect.stringMatching(/Z$/) }
  })
  await second.end()
})

it("explains a node without decisions, and one that is on hold", async () => {
  const second = await Second.up(root([sleeper("a"), pool({ id: "jobs", size: 1, child: sleeper("job") })]))
  expect(await second.why("a")).toEqual(["/r/a is up, incarnation 1 for SPAN.", "No supervisor has decided anything about it yet."])
  expect(await second.why(rootId)).toEqual(["/r is up, incarnation 1 for SPAN.", "No supervisor has decided anything about it yet."])
  expect(await supervise(["stop", "a"], { cwd: second.folder }).code).toBe(0)
  const [present, ...decided] = await second.why("a")
  expect(present).toMatch(/^\/r\/a is on hold: the operator has kept it down since TIME, for \S+\. supervise start \/r\/a ends that\.$/)
  expect(decided).toEqual([])
  const { at: holdSince } = await second.running.event("Hold", at("a"))
  expect(await second.json("a")).toMatchObject([{ about: at("a"), now: { state: "down", hold: true, holdSince } }])
  await second.end()
})

it("refuses an unknown path with a suggestion, and an invalid --last", async () => {
  const second = await Second.up(root([sleeper("web"), pool({ id: "jobs", size: 1, child: sleeper("job") })]))
  const none = (path: string, meant: string) => ({
    code: 64,
    stdout: "",
    stderr: `There is no ${at(path)} in this tree. Did you mean ${at(meant)}?\n`
  })
  expect(await second.answer("wed")).toEqual(none("wed", "web"))
  expect(await second.answer("jobs/7")).toEqual(none("jobs/7", "jobs/1"))
  expect(await second.answer("web/x", "--json")).toMatchObject({ code: 64, stdout: "" })
  expect(await second.answer("web", "--last", "0")).toMatchObject({
    code: 64,
    stdout: "",
    stderr: "--last 0 should be between 1 and 1000.\n"
  })
  expect(await second.answer()).toMatchObject({ code: 64, stderr: expect.stringMatching(/See supervise why --help\.\n$/) })
  await second.end()
})

it("explains a child in backoff, one that has finished, and one that is gone", async () => {
  const second = await Second.up(
    root([
      shell("done", "exit 0", { restart: "transient" }),
      shell("gone", "exit 1", { restart: "temporary" }),
      // Last, since at boot nothing overtakes a child in backoff.
      shell("waits", "exit 3", { backoff: constant({ delay: "1h", jitter: 0 }) })
    ])
  )
  await second.running.event("Removed", at("gone"))
  await eventually("it waits", () => second.running.events.some(({ event }) => event === "Backoff"))
  const waits = await second.why("waits")
  expect(waits[0]).toMatch(/^\/r\/waits waits for its backoff, and is started again in (59m SPAN|1h), at TIME\.$/)
  expect(waits[2]).toMatch(/^TIME \/r\/waits \(incarnation 1\) exited with code 3( after SPAN)?, which is abnormal$/)
  await second.running.event("Exited", at("done"))
  const done = await second.why("done")
  expect([done[0], ...done.slice(3)]).toEqual([
    "/r/done is down: it finished (code 0).",
    '  rules  restart "transient"  tree.json:1',
    "  so  it stays down"
  ])
  const gone = await second.why("gone")
  expect([gone[0], ...gone.slice(3)]).toEqual(["/r/gone is gone.", '  rules  restart "temporary"  tree.json:1', "  so  it stays down"])
  await second.end()
})

it.each<[string, string, Pick<Node, "phase" | "hold">?]>([
  ["starts", "is not running, because /r/s is starting", { phase: "starting", hold: false }],
  ["is in backoff", "is not running, because /r/s is in backoff", { phase: "backoff", hold: false }],
  ["is pending", "is not running, because /r/s is pending", { phase: "pending", hold: false }],
  ["is restarted", "is not running, because /r/s is being restarted", { phase: "restarting", hold: false }],
  ["has failed", "is not running, because /r/s has failed", { phase: "failed", hold: false }],
  ["is stopped", "is not running, because /r/s is being stopped", { phase: "stopping", hold: false }],
  ["is down", "is not running, because /r/s is down", { phase: "down", hold: false }],
  ["is on hold", "is not running, because /r/s is on hold", { phase: "down", hold: true }],
  ["is on hold, and still stopping", "is not running, because /r/s is on hold", { phase: "stopping", hold: true }],
  ["is up without it", "is gone", { phase: "up", hold: false }],
  ["is not known", "is gone"]
])("says why a node is not there when the supervisor above it %s", (_, text, state) => {
  const above: Node | undefined = state && { path: "/r/s", type: "supervisor", incarnation: 1, restarts: 0, since: 0, ...state }
  const why = { path: "/r/s/a", now: 0, at: 0, decisions: [], more: 0, complete: true, ...(above && { above }) }
  expect(sayWhy(why, (_, painted) => painted)).toBe(`/r/s/a ${text}.\nNo supervisor has decided anything about it yet.`)
})

it("explains a child that waits for a sibling it needs", async () => {
  const db = sleeper("db")
  const second = await Second.up(root([db, sleeper("web", { needs: ["db"] })]))
  expect(await supervise(["stop", "db"], { cwd: second.folder }).code).toBe(0)
  signal(pidOf(at("web")), "SIGKILL")
  await second.running.event("Pending", at("web"))
  const lines = await second.why("web")
  expect([...lines.slice(0, 3), ...lines.slice(4)]).toEqual([
    "/r/web is pending: it waits for /r/db.",
    "  needs db  tree.json:1",
    "",
    "  rules  needs db  tree.json:1",
    "  so  it is pending, and nothing is counted: it waits for /r/db"
  ])
  await second.end()
})

// ---------------------------------------------------------------- in the report at the end

/** The report on stderr, without times, and the decision among the lines of JSON. */
async function ending(running: Running) {
  expect(await running.code).toBe(75)
  const decided = running.events.filter(({ event }) => event === "Decided")
  expect(running.events.at(-1)).toMatchObject({ event: "Ended", path: rootPath })
  return { report: running.complaints.trimEnd().split("\n").map(plain), decided }
}

it("reports the rule by which a tree gave up, and where it is set", async () => {
  const folder = realpathSync(mkdtempSync(join(temporaryFolder(), "tree-")))
  const file = join(folder, "tree.mts")
  writeFileSync(
    file,
    `import { constant, supervisor, worker } from "supervise"
export default supervisor({ id: ${JSON.stringify(rootId)},
  period: "10 minutes",
  intensity: 1,
  onIntensity: "escalate",
  children: [worker({ id: "web", start: ["sh", "-c", "exit 7"], backoff: constant({ delay: 0, jitter: 0 }) })] })
`.replace("delay: 0", 'delay: "1ms"')
  )
  const { report, decided } = await ending(supervise([file], { cwd: folder }))
  const row = (n: number) => `  TIME /r/web (incarnation ${n}) exited with code 7`
  expect(report).toEqual(["/r gave up: more than 1 restart in 10m:", row(1), row(2), "  rule: intensity 1 in 10m  tree.mts:4"])
  expect(decided).toMatchObject([
    {
      path: at("web"),
      rules: [{ path: rootPath, key: "intensity", site: { file, line: 4 }, byDefault: false }],
      outcome: { _tag: "Escalate", exit: { _tag: "GaveUp" } },
      message: `exited with code 7; ${rootPath} gave up: more than 1 restart in 10m; intensity 1 in 10m  tree.mts:4`
    }
  ])
})

it("reports a failed boot, and that the rule is a default", async () => {
  const running = supervise([treeFile(root([shell("hopeless", "exit 9", { ready: line("never") })]))])
  const { report, decided } = await ending(running)
  expect(report.slice(0, 2)).toEqual(["/r could not boot:", "  TIME /r/hopeless (incarnation 1) exited with code 9"])
  expect(report[2]).toMatch(/^ {2}rule: boot "strict" {2}by default {2}.*tree\.json:1$/)
  expect(decided).toMatchObject([{ path: at("hopeless"), outcome: { _tag: "Escalate", exit: { _tag: "BootFailed" } } }])
})
