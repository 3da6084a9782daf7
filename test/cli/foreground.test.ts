/**
 * `supervise tree` started by a program: lines of JSON, signals, exit codes; and whatever happens, no process is left.
 */
import { execFileSync } from "node:child_process"
import { closeSync, existsSync, openSync, readFileSync, realpathSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import { decodeTree, encodeTree, fd, line, type SupervisorSpec, supervisor, type TreeSpec } from "supervise"
import { expect, it } from "vitest"
import { bin, foreground, Running, supervise, treeFile } from "../runtime/command.ts"
import { commandOf, eventually, isAlive, isThere, living, pidOf, rootId, rootPath, signal, temporaryFolder } from "../runtime/processes.ts"
import { at, root, shell, sleeper } from "../runtime/tree.ts"

const fixture = (name: string) => resolve(import.meta.dirname, "../fixtures/cli", name)
const trees = resolve(import.meta.dirname, "../fixtures/trees")

/** Ignores SIGTERM, and is ready once it does. */
const deaf = (id: string, more: Parameters<typeof shell>[2] = {}) =>
  shell(id, "trap '' TERM; echo deaf; while :; do sleep 0.05; done", { ready: line("deaf"), ...more })

const three = (more: Partial<SupervisorSpec> = {}): SupervisorSpec =>
  root([sleeper("a"), supervisor({ id: "s", children: [sleeper("b"), sleeper("c")] }), sleeper("d")], more)

const { NO_COLOR: _, FORCE_COLOR: __, ...withoutColours } = process.env

const started = (running: Running) => running.event("Started", rootPath)

// ---------------------------------------------------------------- what it prints

it("prints every event as a line of JSON without a gap, including the output of its workers", async () => {
  const talker = shell("talker", "echo 'to \"stdout\"'; echo to stderr >&2; exec sleep 1000")
  const running = foreground(root([talker, sleeper("a")]))
  await Promise.all([started(running), running.event("Line", at("talker"), (line) => line.stream === "stderr")])
  signal(pidOf(at("a")), "SIGKILL")
  await running.event("Started", at("a"), ({ incarnation }) => incarnation === 2)
  running.kill("SIGTERM")
  expect(await running.code).toBe(0)
  const { events } = running
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1))
  for (const { at, event, path, message, text } of events) {
    expect(new Date(at).toISOString()).toBe(at)
    expect(path.startsWith(rootPath)).toBe(true)
    expect(typeof (event === "Line" ? text : message)).toBe("string")
  }
  const lines = events.filter(({ event }) => event === "Line").map(({ path, stream, text }) => ({ path, stream, text }))
  expect(lines.sort((a, b) => (a.stream! < b.stream! ? -1 : 1))).toEqual([
    { path: at("talker"), stream: "stderr", text: "to stderr" },
    { path: at("talker"), stream: "stdout", text: 'to "stdout"' }
  ])
  const ofA = events.filter(({ path }) => path === at("a")).map(({ event }) => event)
  const start = ["Starting", "Spawned", "Started"]
  expect(ofA).toEqual([...start, "Exited", "Backoff", ...start, "Stopping", "Stopped"])
  expect(running.complaints).toBe("")
})

it("writes lines for people into a file or a pipe with --plain", async () => {
  const running = supervise(["--plain", treeFile(root([shell("talker", "echo hello; exec sleep 1000")]))])
  await running.says(/^talker \| hello$/m)
  await running.says(new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d{3} ${rootPath} up after `, "m"))
  running.kill("SIGTERM")
  expect(await running.code).toBe(0)
  expect(running.stdout).not.toContain("\x1b")
})

it("says that it stays up when all children have finished, does so, and then stops as asked", async () => {
  const running = foreground(root([shell("one", "exit 0", { restart: "transient" }), shell("two", "exit 0", { restart: "temporary" })]))
  const { message } = await running.event("Idle", rootPath)
  expect(message).toBe("every child has finished; the tree stays up")
  // Waits as long as another supervise takes to start and exit: having nothing to run is no reason to end.
  expect(await supervise(["--help"]).code).toBe(0)
  running.kill("SIGTERM")
  expect(await running.code).toBe(0)
})

it.each([
  ["a line", { ready: line("never") }, "no line of its output has matched /never/"],
  ["a newline on a descriptor", { ready: fd() }, "it has not written to descriptor 3"]
])("says of a worker that is not ready in time what was awaited, and its last lines: %s", async (_, ready, awaited) => {
  const late = shell("late", "echo one; echo two >&2; exec sleep 1000", { ...ready, startTimeout: "500ms" })
  const running = foreground(root([late]))
  const { message } = await running.event("StartFailed", at("late"))
  expect(message).toMatch(/^did not start: it was not ready after \d+ms: /)
  expect(message).toContain(`: ${awaited}; its last lines: "`)
  expect(message).toMatch(/"one", "two"|"two", "one"/)
  await running.code
})

it("reports how each child failed, where a tree gave up because all did", async () => {
  const dies = (id: string, code: number) => shell(id, `echo ${id} dies >&2; exit ${code}`)
  const running = foreground(root([dies("a", 7), dies("b", 8)], { intensity: 1, onIntensity: "failChild" }))
  expect(await running.code).toBe(75)
  const lines = running.complaints.trimEnd().split("\n")
  expect(lines[0]).toMatch(/gave up: all that could have run has failed; .* exited with code [78]:$/)
  for (const [id, code] of [
    ["a", 7],
    ["b", 8]
  ] as const) {
    const exits = lines.filter((text) => text.endsWith(`exited with code ${code}`) && text.includes(` ${at(id)} (incarnation `))
    expect(exits).toHaveLength(2)
    const words = lines.indexOf(`  last lines of ${at(id)} on stderr:`)
    expect(lines.slice(words + 1, words + 3)).toEqual([`    ${id} dies`, `    ${id} dies`])
  }
  expect(lines.filter((text) => text.startsWith("  rule: "))).toEqual([expect.stringMatching(/^ {2}rule: intensity 1 in 30s/)])
})

it("an evaluation ends with its supervisor, if that is killed before it has an answer", async () => {
  const file = join(temporaryFolder(), "tree.ts")
  writeFileSync(
    file,
    'import { writeFileSync } from "node:fs"\nwriteFileSync("pid", String(process.pid))\nsetInterval(() => {}, 1000)\nawait new Promise(() => {})\n'
  )
  const running = supervise([file])
  const written = join(file, "..", "pid")
  const pid = Number(await eventually("it is evaluated", () => existsSync(written) && readFileSync(written, "utf8")))
  running.kill("SIGKILL")
  await running.ended
  await eventually("it has ended", () => !isAlive(pid))
})

it("ends the report of a tree that gave up with the last lines of who was to blame", async () => {
  const script = "for n in 1 2 3 4 5 6; do echo line $n >&2; done; echo to stdout; exit 3"
  const crashing = shell("crashing", script, { backoff: { type: "constant", delay: "10ms" } })
  const running = foreground(
    root([sleeper("a"), supervisor({ id: "s", children: [crashing], intensity: 1 })], { intensity: 0, onIntensity: "escalate" })
  )
  expect(await running.code).toBe(75)
  const words = running.stderr.slice(running.stderr.indexOf("  last lines of"))
  expect(words).toBe(`  last lines of ${at("s", "crashing")} on stderr:\n${[2, 3, 4, 5, 6].map((n) => `    line ${n}\n`).join("")}`)
})

it("stays up without any child", async () => {
  const running = foreground(root([]))
  await started(running)
  expect(await supervise(["--help"]).code).toBe(0)
  running.kill("SIGINT")
  expect(await running.code).toBe(0)
})

// ---------------------------------------------------------------- signals

for (const name of ["SIGINT", "SIGTERM", "SIGPWR", "SIGXCPU", "SIGALRM", "SIGVTALRM", "SIGIO", "SIGSTKFLT", "SIGPROF"] as const) {
  it(`stops in reverse order on ${name}, and exits with 0`, async () => {
    const running = foreground(three())
    await started(running)
    await eventually("all four run", () => living().filter(({ path }) => path !== undefined).length === 4)
    running.kill(name)
    expect(await running.ended).toEqual({ code: 0, signal: null })
    const down = running.events.filter(({ event }) => event === "Stopped" || event === "Ended").map(({ path }) => path)
    expect(down).toEqual([at("d"), at("s", "c"), at("s", "b"), at("s"), at("a"), rootPath])
    expect(living()).toEqual([])
  })
}

it.for(["SIGUSR1", "SIGUSR2", "SIGHUP"] as const)("goes on when it receives %s, and says so", async (signal) => {
  const running = foreground(root([sleeper("a")]))
  await started(running)
  running.kill(signal)
  await eventually("it has said so", () => running.stderr.includes(`${signal} was ignored: `))
  expect(running.stderr).not.toContain("Debugger")
  running.kill("SIGTERM")
  expect(await running.code).toBe(0)
})

it.for(["SIGQUIT", "SIGABRT", "SIGTRAP", "SIGSYS", "SIGXFSZ"] as const)("%s ends it, and its leaves before", async (signal) => {
  const running = foreground(root([sleeper("a"), shell("family", "sleep 1000 & exec sleep 1000")]))
  await started(running)
  running.kill(signal)
  expect(await running.ended).toEqual({ code: null, signal })
  await eventually("nothing of it is left", () => living().length === 0)
})

it.for([
  ["stops", ""],
  ["goes on", "nohup "]
] as const)("%s when the terminal of its shell is closed: %s", async ([does, nohup]) => {
  const folder = temporaryFolder()
  const file = treeFile(root([sleeper("a")]))
  const command = `cd ${folder}; ${nohup}${process.execPath} ${bin} --plain ${file}`
  const terminal = new Running("script", ["-qec", command, "/dev/null"])
  const isOurs = ({ pid }: { readonly pid: number }) => commandOf(pid).startsWith(`${process.execPath} ${bin}`)
  const { pid } = await eventually("it runs", () => living().find(isOurs))
  await eventually("the worker runs", () => living().find(({ path }) => path === at("a")))
  process.kill(pid, "SIGHUP")
  if (does === "stops") expect(await terminal.code).toBe(0)
  else {
    await eventually("it has said so", () => readFileSync(join(folder, "nohup.out"), "utf8").includes("SIGHUP was ignored"))
    process.kill(pid, "SIGTERM")
    await terminal.code
  }
  expect(living()).toEqual([])
})

it("tells workers how many colours its terminal has, unless somebody else has said so", async () => {
  const say = (id: string, env: Record<string, string>) => shell(id, `echo "${id} $FORCE_COLOR."`, { env, restart: "temporary" })
  const file = treeFile(root([say("a", {}), say("b", { FORCE_COLOR: "0" })]))
  // How many colours Node counts depends on these, too: on a CI server there are none.
  const elsewhere = ["CI", "TMUX", "TF_BUILD", "TEAMCITY_VERSION", "TERM_PROGRAM", "COLORTERM"].map((name) => `-u ${name}`).join(" ")
  const command = (set: string) => `env ${elsewhere} ${set} TERM=xterm-256color ${process.execPath} ${bin} --plain ${file}`
  for (const [set, colours] of [
    ["", "2"],
    ["FORCE_COLOR=1", "1"],
    ["NO_COLOR=1", ""]
  ] as const) {
    const terminal = new Running("script", ["-qec", command(set), "/dev/null"], { env: withoutColours })
    await eventually("both have spoken", () => terminal.stdout.includes(`a ${colours}.`) && terminal.stdout.includes("b 0."))
    for (const { pid } of living()) if (commandOf(pid).startsWith(`${process.execPath} ${bin}`)) process.kill(pid, "SIGTERM")
    await terminal.code
  }
})

it("prints JSON to a terminal without asking its workers for colours", async () => {
  const file = treeFile(
    root([shell("a", 'echo "colours:$FORCE_COLOR."', { restart: "transient", significant: true })], { autoShutdown: "anySignificant" })
  )
  const command = `env -u CI TERM=xterm-256color ${process.execPath} ${bin} --json ${file}`
  const terminal = new Running("script", ["-qec", command, "/dev/null"], { env: withoutColours })
  expect(await terminal.code).toBe(0)
  expect(terminal.stdout).toContain("colours:.")
})

it.runIf(process.getuid?.() === 0 && isThere("unshare"))("says what a container needs where it is PID 1 without a keeper", async () => {
  const file = treeFile(root([shell("a", "exit 0", { restart: "transient", significant: true })], { autoShutdown: "anySignificant" }))
  const alone = new Running("unshare", [
    "--pid",
    "--fork",
    "--mount-proc",
    "--kill-child",
    process.execPath,
    bin,
    "--spawner",
    "node",
    file
  ])
  expect(await alone.code).toBe(0)
  expect(alone.stderr).toContain("supervise is PID 1 here")
})

it("takes two SIGINT at the same moment for one", async () => {
  const slow = shell("slow", "trap 'echo saving; sleep 0.5; echo saved; exit 0' TERM; echo up; while :; do sleep 0.05; done", {
    ready: line("up")
  })
  const running = foreground(root([slow]))
  await started(running)
  running.kill("SIGINT")
  await running.event("Stopping", at("slow"))
  running.kill("SIGINT")
  expect(await running.code).toBe(0)
  expect(running.stdout).toContain("saved")
})

it("waits for a worker without a time limit, and kills it on a second SIGINT", async () => {
  const running = foreground(root([sleeper("a"), deaf("b", { shutdown: "infinity" })]))
  await started(running)
  running.kill("SIGTERM")
  await running.event("Stopping", at("b"))
  running.kill("SIGTERM") // not Ctrl-C, so it keeps waiting
  await new Promise((resolve) => setTimeout(resolve, 400)) // no longer the same moment
  running.kill("SIGINT")
  expect(await running.code).toBe(130)
  expect(living()).toEqual([])
})

it("stops what has started when the signal comes during boot", async () => {
  const running = foreground(root([sleeper("a"), shell("never", "exec sleep 1000", { ready: line("ready"), startTimeout: "infinity" })]))
  await running.event("Spawned", at("never"))
  running.kill("SIGINT")
  expect(await running.code).toBe(0)
  expect(living()).toEqual([])
})

it("exits and kills the evaluator when interrupted while the tree file hangs", async () => {
  for (const [name, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143]
  ] as const) {
    const running = supervise([join(trees, "hangs.ts")])
    const evaluator = await eventually("the evaluator runs", () => living().find(({ pid }) => pid !== running.pid))
    running.kill(name)
    expect(await running.code).toBe(code)
    await eventually("the evaluator is gone", () => !isAlive(evaluator.pid))
    expect(running.stdout).toBe("")
  }
})

// ---------------------------------------------------------------- its own failure

it("kills every worker and reports a bug when the supervisor itself fails", async () => {
  const file = treeFile(root([sleeper("a"), deaf("b"), shell("family", "sleep 1000 & sleep 1000 & wait")]))
  const running = new Running(process.execPath, ["--import", fixture("throwsOnSignal.mjs"), bin, file])
  await started(running)
  running.kill("SIGUSR2")
  expect(await running.code).toBe(70)
  expect(running.stderr).toContain("supervise itself has failed, and ends every process it has started. This is a bug:\n")
  expect(running.stderr).toContain("an unexpected error")
  await eventually("nothing is left", () => living().length === 0)
})

it("kills its workers when any signal but SIGKILL ends it", async () => {
  const running = foreground(root([sleeper("a"), deaf("b")]))
  await started(running)
  running.kill("SIGQUIT")
  await running.ended
  await eventually("nothing is left", () => living().length === 0)
})

it("leaves its workers behind when it is killed with SIGKILL: the weaker promise without a keeper", async () => {
  const running = supervise(["--spawner", "node", treeFile(root([sleeper("a"), sleeper("b")]))])
  await started(running)
  const leaves = [pidOf(at("a")), pidOf(at("b"))]
  running.kill("SIGKILL")
  expect(await running.ended).toEqual({ code: null, signal: "SIGKILL" })
  expect(leaves.every(isAlive)).toBe(true)
  for (const pid of leaves) signal(pid, "SIGKILL")
  await eventually("they are gone", () => !leaves.some(isAlive))
})

it("exits with 75 when the root gives up, and reports the exits that led there, with their times and the limit", async () => {
  const running = foreground(
    root([sleeper("steady"), shell("flaky", 'exit "$SUPERVISE_INCARNATION"')], {
      intensity: 2,
      period: "1 minute",
      onIntensity: "escalate"
    })
  )
  expect(await running.code).toBe(75)
  const [head, ...chain] = running.complaints.trimEnd().split("\n")
  expect(chain.pop()).toMatch(/^ {2}rule: intensity 2 in 1m {2}\/.*\/tree\.json:1$/)
  expect(head).toBe(`${rootPath} gave up: more than 2 restarts in 1m:`)
  expect(chain.map((row) => row.replace(/^ {2}\d\d:\d\d:\d\d\.\d{3} /, "TIME "))).toEqual([
    `TIME ${at("flaky")} (incarnation 1) exited with code 1`,
    `TIME ${at("flaky")} (incarnation 2) exited with code 2`,
    `TIME ${at("flaky")} (incarnation 3) exited with code 3`
  ])
  // The report uses the clock of the events.
  const exits = running.events.filter(({ event }) => event === "Exited").map(({ at }) => new Date(at).getTime())
  const times = chain.map((row) => row.trim().slice(0, 12))
  const spoken = exits.map((time) => new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(11, 23))
  const ms = (clock: string) => clock.split(/[:.]/).reduce((sum, part, i) => sum * [1, 60, 60, 1000][i]! + Number(part), 0)
  const apart = times.map((time, i) => Math.abs(ms(time) - ms(spoken[i]!)) % (24 * 3600_000 - 1000)) // also at midnight
  expect(Math.max(...apart)).toBeLessThan(1000)
  expect(living()).toEqual([])
})

it("exits with 75 when it fails to boot, and reports the chain down to the child that did not start", async () => {
  const hopeless = shell("hopeless", "exit 9", { ready: line("never") })
  const inner = supervisor({ id: "inner", children: [hopeless] })
  const running = foreground(root([sleeper("a"), supervisor({ id: "outer", children: [sleeper("b"), inner] })]))
  expect(await running.code).toBe(75)
  const rows = running.complaints.trimEnd().split("\n")
  expect(rows.pop()).toMatch(/^ {2}rule: boot "strict" {2}by default {2}\/.*\/tree\.json:1$/)
  expect(rows.map((row) => row.replace(/\d\d:\d\d:\d\d\.\d{3}/, "TIME"))).toEqual([
    `${rootPath} could not boot:`,
    `  TIME ${at("outer")} (incarnation 1) could not boot`,
    `    TIME ${at("outer", "inner")} (incarnation 1) could not boot`,
    `      TIME ${at("outer", "inner", "hopeless")} (incarnation 1) exited with code 9`
  ])
  expect(living()).toEqual([])
})

it("exits with 0 when a significant child ends the root", async () => {
  const job = shell("job", "exit 3", { restart: "temporary", significant: true })
  const running = foreground(root([sleeper("a"), job], { autoShutdown: "anySignificant" }))
  expect(await running.code).toBe(0)
  expect(running.events.at(-1)).toMatchObject({ event: "Ended", exit: { _tag: "AutoShutdown", by: at("job") } })
  expect(running.complaints).toBe("")
})

// ---------------------------------------------------------------- trees and calls

it("refuses a bad tree with 65, every mistake at once on stderr, and nothing on stdout", async () => {
  const running = foreground(root([sleeper("a"), sleeper("a", { restart: "allways" as never })]))
  expect(await running.code).toBe(65)
  expect(running.stdout).toBe("")
  expect(running.stderr).toContain("tree.json is not a tree I can run: 2 problems.")
  expect(running.stderr).toContain('Did you mean "permanent"?')
  const missing = supervise([join(trees, "hell.ts")])
  expect(await missing.code).toBe(65)
  expect(missing.stderr).toContain("there is no such file. Did you mean")
})

it("refuses an invalid call with 64, and points to --help", async () => {
  for (const [args, word] of [
    [[], ""],
    [["--bogus"], "--bogus"],
    [["check"], "tree"],
    [["check", "--jsn", "tree.json"], "--jsn"],
    [["one.json", "two.json"], "two.json"]
  ] as const) {
    const running = supervise(args)
    expect([args, await running.code]).toEqual([args, 64])
    expect(running.stderr + running.stdout).toContain(word)
    if (args.length > 0) expect([args, running.stdout]).toEqual([args, ""])
    if (args.length > 0) expect(running.stderr).toMatch(/See supervise.* --help\.\n$/)
  }
})

it("prints help, its version and completions", async () => {
  const help = supervise(["--help"])
  expect(await help.code).toBe(0)
  for (const word of ["check", "schema", "--tier", "--json", "Ctrl-C"]) expect(help.stdout).toContain(word)
  const version = supervise(["--version"])
  expect(await version.code).toBe(0)
  expect(version.stdout).toMatch(/\d+\.\d+\.\d+/)
  const completions = supervise(["--completions", "bash"])
  expect(await completions.code).toBe(0)
  expect(completions.stdout).toContain("check")
})

it("checks a tree: prints it for people, or as JSON that decodes to the same tree", async () => {
  const spec: TreeSpec = three({ strategy: "RestForOne", period: "2 minutes" })
  const file = treeFile(spec)
  const people = supervise(["check", file])
  expect(await people.code).toBe(0)
  expect(people.stdout.split("\n")[0]).toMatch(new RegExp(`^${rootId} +supervisor +RestForOne · 1000 restarts in 2 minutes`))
  const machines = supervise(["check", "--json", file])
  expect(await machines.code).toBe(0)
  const printed = JSON.parse(machines.stdout)
  const [tree, again] = await Effect.runPromise(Effect.all([decodeTree(spec), decodeTree(printed)]))
  expect(again).toEqual(tree)
  expect(encodeTree(again)).toEqual(printed)
  const bad = supervise(["check", join(trees, "duplicates.json")])
  expect(await bad.code).toBe(65)
  expect(bad.stdout).toBe("")
  expect(living()).toEqual([])
})

it("checks a tree without showing its secrets, unless asked to", async () => {
  const file = treeFile(root([sleeper("a", { start: ["sleep", "1000", "--token=hunter2"], env: { KEY: "hunter2" } })]))
  for (const flags of [[], ["--json"]]) {
    const checked = supervise(["check", file, ...flags])
    expect(await checked.code).toBe(0)
    expect(checked.stdout).not.toContain("hunter2")
    expect(checked.stdout).toContain("--token=***")
    const shown = supervise(["check", file, ...flags, "--show-secrets"])
    expect(await shown.code).toBe(0)
    expect(shown.stdout).toContain("--token=hunter2")
  }
})

it("prints the schema of tree files", async () => {
  const running = supervise(["schema"])
  expect(await running.code).toBe(0)
  const schema = JSON.parse(running.stdout)
  expect(typeof schema).toBe("object")
  expect(running.stdout).toContain("supervisor")
})

it("runs a tree file from any folder: the workers run in the folder of the file", async () => {
  const folder = realpathSync(temporaryFolder())
  const program = supervise(["--tier", "production", fixture("named.ts")], { cwd: folder })
  await started(program)
  await program.event("Line", at("here"), ({ text }) => text === "tier production")
  expect(program.events.find(({ event }) => event === "Line")?.text).toBe(realpathSync(fixture(".")))
  program.kill("SIGINT")
  expect(await program.code).toBe(0)

  const data = supervise([treeFile(root([shell("here", "pwd; exec sleep 1000")]), folder)], { cwd: "/" })
  expect((await data.event("Line", at("here"))).text).toBe(folder)
  data.kill("SIGINT")
  expect(await data.code).toBe(0)
})

// ---------------------------------------------------------------- readers

it("keeps supervising when its reader is gone", async () => {
  const running = foreground(root([sleeper("a"), shell("ticker", "while :; do echo tick; sleep 0.02; done")]))
  await started(running)
  running.process.stdout!.destroy()
  running.process.stderr!.destroy()
  signal(pidOf(at("a")), "SIGKILL")
  await eventually("a is started again", () => living(at("a")).some(({ incarnation }) => incarnation === 2))
  running.kill("SIGTERM")
  expect(await running.code).toBe(0)
  expect(living()).toEqual([])
})

it("keeps running in a pipe to a program that reads one line", async () => {
  const file = treeFile(root([sleeper("a"), shell("ticker", "while :; do echo tick; sleep 0.02; done")]))
  const running = new Running("sh", ["-c", `'${process.execPath}' '${bin}' '${file}' 2>stderr | head -n 1`], { cwd: temporaryFolder() })
  expect(JSON.parse((await running.says(/.*\n/))[0]!)).toMatchObject({ seq: 1, event: "Starting" })
  const first = await eventually("a runs", () => living(at("a"))[0])
  await eventually("head is gone", () => !living().some(({ pid }) => commandOf(pid).startsWith("head")))
  signal(first.pid, "SIGKILL")
  await eventually("a is started again", () => living(at("a")).some(({ incarnation }) => incarnation === 2))
  signal(
    living().find(({ pid, path }) => path === undefined && commandOf(pid).includes("supervise.js") && !commandOf(pid).startsWith("sh"))!
      .pid,
    "SIGTERM"
  )
  await running.ended
  expect(living()).toEqual([])
})

const both = <A, B>(a: A | undefined, b: B | undefined) => (a === undefined || b === undefined ? undefined : ([a, b] as const))

/** How many bytes it has written so far. */
const written = (pid: number): number => Number(/wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1])

for (const kind of ["pipe", "socket"] as const) {
  it(`is not blocked by a reader that never reads (a ${kind}), however much there is to print`, async () => {
    const folder = temporaryFolder()
    const flood = shell("flood", "while :; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; done")
    const file = treeFile(root([sleeper("a"), flood]), folder)
    const fifo = join(folder, "fifo")
    if (kind === "pipe") execFileSync("mkfifo", [fifo])
    const stdout = kind === "pipe" ? openSync(fifo, "r+") : "pipe"
    const running = new Unread(process.execPath, [bin, file], { stdio: ["ignore", stdout, "pipe"] })
    try {
      const [a, flood] = await eventually("both run", () => both(living(at("a"))[0], living(at("flood"))[0]))
      await eventually("much more was written than fits", () => written(flood.pid) > 8 * 1024 * 1024)
      signal(a.pid, "SIGKILL")
      await eventually("a is started again", () => living(at("a")).some(({ incarnation }) => incarnation === 2))
      running.kill("SIGTERM")
      await eventually("it has ended", () => running.process.exitCode !== null || running.process.signalCode !== null)
      expect(running.process.exitCode).toBe(0)
      expect(living()).toEqual([])
    } finally {
      if (typeof stdout === "number") closeSync(stdout)
      running.process.stdout?.resume()
    }
    await running.ended
  })
}

/** Its stdout is never read. */
class Unread extends Running {
  constructor(...args: ConstructorParameters<typeof Running>) {
    super(...args)
    this.process.stdout?.removeAllListeners("data")
    this.process.stdout?.pause()
  }
}

// ---------------------------------------------------------------- old Nodes

const sentence = (version: string) =>
  `supervise needs Node 24 or newer and runs on ${version}. In a project, "npm install node@26" brings one along.\n`

it("prints advice on an old Node instead of a syntax error", async () => {
  const pretended = new Running(process.execPath, ["--import", fixture("oldNode.mjs"), bin, "--version"])
  expect(await pretended.code).toBe(70)
  expect(pretended.stderr).toBe(sentence("v20.20.2"))
  for (const node of ["/usr/bin/node", "/usr/local/bin/node"].filter((path) => existsSync(path))) {
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim()
    if (Number(/\d+/.exec(version)?.[0]) >= 24) continue
    const real = new Running(node, [bin, "--version"])
    expect(await real.code).toBe(70)
    expect(real.stderr).toBe(sentence(version))
  }
})
