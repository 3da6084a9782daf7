/** The commands that control a running tree, and what they print when they fail. */
import { once } from "node:events"
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { createServer as createHttpServer } from "node:http"
import { createServer, type Server } from "node:net"
import { join } from "node:path"
import { constant, line, pool, supervisor, type TreeSpec, type WorkerUsage, worker } from "supervise"
import { expect, it } from "vitest"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { bin, type EventLine, Running, supervise, treeFile } from "../runtime/command.ts"
import { breakers, eventually, isAlive, living, pidOf, rootId, rootPath, signal, temporaryFolder } from "../runtime/processes.ts"
import { at, root, shell, sleeper } from "../runtime/tree.ts"

type Field = "path" | "state" | "pid" | "incarnation" | "restarts" | "hold" | "health" | "lastExit" | "uptimeMs"

interface Answer {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A tree that is up, and a second terminal in its folder. */
class Second {
  readonly running: Running
  readonly folder: string
  readonly state: string

  private constructor(running: Running, folder: string) {
    this.running = running
    this.folder = folder
    this.state = join(folder, ".supervise")
  }

  static async up(spec: TreeSpec, folder = temporaryFolder()): Promise<Second> {
    const running = supervise([treeFile(spec, folder)])
    await running.event("Started", rootPath)
    return new Second(running, folder)
  }

  says = (...args: ReadonlyArray<string>): Promise<Answer> => answerOf(supervise(args, { cwd: this.folder }))

  async end(): Promise<void> {
    this.running.kill("SIGTERM")
    expect(await this.running.code).toBe(0)
  }
}

const answerOf = async (verb: Running): Promise<Answer> => ({ code: await verb.code, stdout: verb.stdout, stderr: verb.stderr })
const ok = (stdout: string): Answer => ({ code: 0, stdout: `${stdout}\n`, stderr: "" })
const failed = (code: number, stderr: string): Answer => ({ code, stdout: "", stderr: `${stderr}\n` })
const incarnations = (path: string) => living(path).map(({ incarnation }) => incarnation)

const four = () => root([sleeper("a"), sleeper("b"), pool({ id: "jobs", size: 2, child: sleeper("job") })])

// ---------------------------------------------------------------- commands

it("ps and restart say that the tree file has changed since the tree was started", async () => {
  const second = await Second.up(root([sleeper("a")]))
  const [file = ""] = readdirSync(second.folder).filter((name) => name.endsWith(".json"))
  const before = readFileSync(join(second.folder, file), "utf8")
  expect((await second.says("ps")).stderr).toBe("")
  writeFileSync(join(second.folder, file), `${before} `)
  const sentence = `${file} has changed since ${rootPath} was started, which runs as it was then. To apply the change, stop and start it.\n`
  expect((await second.says("ps")).stderr).toBe(sentence)
  expect(await second.says("restart", "a")).toEqual({ ...ok(`${at("a")} is up as incarnation 2.`), stderr: sentence })
  writeFileSync(join(second.folder, file), before)
  expect((await second.says("ps")).stderr).toBe("")
  await second.end()
})

it("ps --all also shows what is no longer in the tree, and how it ended", async () => {
  const second = await Second.up(
    root([sleeper("a"), shell("job", "exit 0", { restart: "temporary" }), pool({ id: "p", size: 2, child: sleeper("one") })])
  )
  await second.running.event("Removed", at("job"))
  expect(await second.says("scale", "p", "1")).toMatchObject({ code: 0 })
  expect((await second.says("ps")).stdout).not.toContain("job")
  const { stdout } = await second.says("ps", "--all")
  const [, gone = ""] = stdout.split("\nNo longer in the tree:\n")
  expect(gone.split("\n").map((row) => row.replace(/^ +\S+ /, ""))).toEqual([
    expect.stringMatching(new RegExp(`^${at("job")} finished \\(code 0\\) \\(was up \\d+ms\\)$`)),
    `${at("p", "2")} stopped: it was killed by SIGTERM`,
    ""
  ])
  const below = JSON.parse((await second.says("ps", "p", "--all", "--json")).stdout)
  expect(below.map((node: { path: string; state: string }) => [node.path, node.state])).toEqual([
    [at("p"), "up"],
    [at("p", "1"), "up"],
    [at("p", "2"), "removed"]
  ])
  await second.end()
})

it("takes any end of a path that no other has, with the root or without it, in every command", async () => {
  const deep = supervisor({ id: "deep", children: [sleeper("end"), pool({ id: "jobs", size: 2, child: sleeper("job") })] })
  const second = await Second.up(root([deep]))
  const end = at("deep", "end")
  expect(await second.says("restart", "end")).toEqual(ok(`${end} is up as incarnation 2.`))
  expect(await second.says("signal", `${rootId}/deep/end`, "CONT")).toEqual(ok(`SIGCONT was sent to ${end}.`))
  expect(await second.says("scale", "jobs", "3")).toEqual(ok(`${at("deep", "jobs")} is scaled to 3 instances.`))
  expect((await second.says("why", "end")).stdout).toContain(`${end} is up`)
  expect(JSON.parse((await second.says("ps", "jobs/3", "--json")).stdout)).toMatchObject([{ path: at("deep", "jobs", "3") }])
  expect(await second.says("stop", "end")).toEqual(ok(`${end} is down, and is on hold until it is started by hand.`))
  expect(await second.says("start", "deep/end/")).toEqual(ok(`${end} is up as incarnation 3.`))
  expect(await second.says("stop", "deep")).toEqual(ok(`${at("deep")} is down, and is on hold until it is started by hand.`))
  expect((await second.says("why", "end")).stdout).toContain(`${end} is not running, because ${at("deep")} is on hold.`)
  expect(await second.says("stop", rootId)).toEqual(ok(`${rootPath} is down.`))
  expect(await second.running.code).toBe(0)
})

it("stops, starts and restarts a child, and returns when it is done", async () => {
  const second = await Second.up(four())
  expect(await second.says("stop", at("a"))).toEqual(ok(`${at("a")} is down, and is on hold until it is started by hand.`))
  expect(living(at("a"))).toEqual([])
  expect(await second.says("restart", at("b"))).toEqual(ok(`${at("b")} is up as incarnation 2.`))
  expect(incarnations(at("b"))).toEqual([2])
  expect(living(at("a"))).toEqual([])
  expect(await second.says("start", at("a"))).toEqual(ok(`${at("a")} is up as incarnation 2.`))
  expect(incarnations(at("a"))).toEqual([2])
  expect(await second.says("start", at("a"))).toEqual(ok(`${at("a")} runs already, as incarnation 2.`))
  await second.end()
})

it("scales a pool, and sends a signal to a worker", async () => {
  const hearing = shell("hearing", "trap 'echo heard' HUP; echo ready; while :; do sleep 0.05; done", { ready: line("ready") })
  const second = await Second.up(root([hearing, pool({ id: "jobs", size: 2, child: sleeper("job") })]))
  expect(await second.says("scale", "jobs", "3")).toEqual(ok(`${at("jobs")} is scaled to 3 instances.`))
  await second.running.event("Started", at("jobs", "3"))
  expect(await second.says("scale", "jobs", "1")).toEqual(ok(`${at("jobs")} is scaled to 1 instance.`))
  await eventually("one instance is left", () => living().filter(({ path }) => path?.startsWith(at("jobs"))).length === 1)
  expect(await second.says("signal", "hearing", "hup")).toEqual(ok(`SIGHUP was sent to ${at("hearing")}.`))
  await second.running.event("Line", at("hearing"), ({ text }) => text === "heard")
  expect(await second.says("signal", "hearing", "9")).toEqual(ok(`SIGKILL was sent to ${at("hearing")}.`))
  await second.running.event("Exited", at("hearing"), ({ exit }) => exit?._tag === "Signal")
  await second.end()
})

it("takes a path without its root, with a trailing slash, and from a folder below", async () => {
  const second = await Second.up(four())
  const below = join(second.folder, "deep", "down")
  mkdirSync(below, { recursive: true })
  expect(await answerOf(supervise(["restart", "jobs/2/"], { cwd: below }))).toEqual(ok(`${at("jobs", "2")} is up as incarnation 2.`))
  await second.end()
})

it("says why a command failed, and leaves what runs alone", async () => {
  const twin = (id: string) => supervisor({ id, children: [sleeper("twin")] })
  const jobs = pool({ id: "jobs", size: 1, child: sleeper("job") })
  const second = await Second.up(root([sleeper("web"), jobs, twin("left"), twin("right")]))
  const before = living()
    .map(({ pid }) => pid)
    .sort()
  const cases: ReadonlyArray<readonly [ReadonlyArray<string>, number, string]> = [
    [["stop", "/elsewhere"], 64, "There is no /elsewhere in this tree."],
    [["stop", "twin"], 64, `twin may be ${at("left", "twin")} or ${at("right", "twin")}. Write more of its path.`],
    [["ps", "twin"], 64, `twin may be ${at("left", "twin")} or ${at("right", "twin")}. Write more of its path.`],
    [["why", "lfet"], 64, `There is no ${at("lfet")} in this tree. Did you mean ${at("left")}?`],
    [["restart", "wed"], 64, `There is no ${at("wed")} in this tree. Did you mean ${at("web")}?`],
    [["start", at("jobs", "7")], 64, `There is no ${at("jobs", "7")} in this tree. Did you mean ${at("jobs", "1")}?`],
    [["ps", "jogs"], 64, `There is no ${at("jogs")} in this tree. Did you mean ${at("jobs")}?`],
    [["restart", rootPath], 64, `${rootPath} is the root; it can only be shut down as a whole.`],
    [["scale", "web", "2"], 64, `${at("web")} is a worker: it has no children.`],
    [["scale", rootPath, "2"], 64, `${rootPath} is not a pool.`],
    [["scale", "jobs", "-1"], 64, `${at("jobs")} cannot have -1 instances: it takes a whole number, 0 or more.`],
    [["scale", "jobs", "1000000000"], 1, `${at("jobs")} may have at most 10000 instances.`],
    [["signal", "web", "4711"], 64, `${at("web")} was not sent 4711: there is no such signal.`],
    [["signal", "web", "WINK"], 64, `${at("web")} was not sent SIGWINK: there is no such signal.`],
    [["signal", "jobs", "HUP"], 64, `${at("jobs")} is a supervisor; signals go to workers.`]
  ]
  for (const [args, code, sentence] of cases) expect(await second.says(...args)).toEqual(failed(code, sentence))
  const after = living().map(({ pid }) => pid)
  expect(after.sort()).toEqual(before)
  await second.end()
})

it("says that a child did not start, and exits with 1", async () => {
  const script = `[ -e been ] && exit 3; touch been; echo ready; exec sleep 1000`
  const second = await Second.up(root([shell("once", script, { ready: line("ready") })]))
  expect(await second.says("restart", "once")).toEqual(failed(1, `${at("once")} did not start: it exited with code 3.`))
  await second.end()
})

it("stops the whole tree, and returns when it can be started again", async () => {
  for (const whole of [[], [rootPath], [rootId]]) {
    const slow = shell("slow", "trap 'sleep 0.3; exit 0' TERM; echo ready; while :; do sleep 0.05; done", { ready: line("ready") })
    const second = await Second.up(root([slow, sleeper("a")]))
    const { pid } = second.running
    expect(await second.says("stop", ...whole)).toEqual(ok(`${rootPath} is down.`))
    expect(isAlive(pid) ? existsSync(join(second.state, "pid")) : false).toBe(false)
    const again = await Second.up(four(), second.folder)
    await again.end()
    expect(await second.running.code).toBe(0)
  }
})

it("stops a tree in which a leader dies of the signal, and leaves others that ignore it", async () => {
  const script = "(trap '' TERM; exec sleep 1000) & echo ready; wait"
  const second = await Second.up(root([shell("leader", script, { ready: line("ready"), shutdown: "200 millis" })]))
  expect(await second.says("stop")).toEqual(ok(`${rootPath} is down.`))
  expect(await second.running.event("LeaderEnded", at("leader"))).toMatchObject({ signal: "SIGTERM" })
  expect(await second.running.code).toBe(0)
})

// ---------------------------------------------------------------- looking

it("shows the tree as data", async () => {
  const second = await Second.up(
    root([sleeper("a"), shell("quick", "exit 0", { restart: "transient" }), pool({ id: "jobs", size: 1, child: sleeper("job") })])
  )
  await second.running.event("Exited", at("quick"))
  await second.says("restart", "a")
  signal(pidOf(at("a")), "SIGKILL")
  await second.running.event("Started", at("a"), ({ incarnation }) => incarnation === 3)
  await second.says("stop", "jobs/1")
  const { code, stdout, stderr } = await second.says("ps", "--json")
  expect([code, stderr]).toEqual([0, ""])
  const nodes = JSON.parse(stdout) as ReadonlyArray<{ readonly [field in Field]?: unknown }>
  expect(nodes.map(({ path, state, pid, incarnation, restarts, hold }) => ({ path, state, pid, incarnation, restarts, hold }))).toEqual([
    { path: rootPath, state: "up", pid: undefined, incarnation: 1, restarts: 0, hold: false },
    { path: at("a"), state: "up", pid: pidOf(at("a")), incarnation: 3, restarts: 1, hold: false },
    { path: at("quick"), state: "down", pid: undefined, incarnation: 1, restarts: 0, hold: false },
    { path: at("jobs"), state: "up", pid: undefined, incarnation: 1, restarts: 0, hold: false },
    { path: at("jobs", "1"), state: "down", pid: undefined, incarnation: 1, restarts: 0, hold: true }
  ])
  expect(nodes[1]!.lastExit).toEqual({ _tag: "Signal", signal: "SIGKILL" })
  expect(nodes[0]!.health).toEqual({ status: "healthy" })
  expect(nodes[2]!.health).toEqual({ status: "stopped", because: "finished (code 0)" })
  expect(nodes[1]!.uptimeMs).toEqual(expect.any(Number))
  const rows = (await second.says("ps")).stdout.split("\n")
  expect(rows[0]).toMatch(/^NAME +KIND +STATE +PID +INC +UPTIME +CPU +MEMORY +RESTARTS +NEXT +LAST EXIT$/)
  expect(rows[2]).toMatch(new RegExp(`^├─ a +worker +up +${pidOf(at("a"))} +3 +\\d+s +\\d+\\.\\d\\ds +[\\d.]+ [KM]iB +1 +SIGKILL$`))
  expect(rows[5]).toMatch(/^ {3}└─ 1 +worker +hold +1 +0 +SIGTERM$/)
  const below = JSON.parse((await second.says("ps", "jobs", "--json")).stdout) as ReadonlyArray<{ path: string }>
  expect(below.map(({ path }) => path)).toEqual([at("jobs"), at("jobs", "1")])
  await second.end()
})

it("shows what workers use: by itself each leader, together what is in its group and below a supervisor", async () => {
  const second = await Second.up(root([worker({ id: "two", start: ["sh", "-c", "sleep 1000 & exec sleep 1000"] }), sleeper("one")]))
  await eventually("both sleep", () => living(at("two")).length === 2)
  const facts = JSON.parse((await second.says("ps", "--json")).stdout)
  const [top, two, one] = facts.map(({ usage }: { readonly usage?: WorkerUsage }) => usage)
  expect(top).toBeUndefined()
  expect([two.group.processes, one.group.processes]).toEqual([2, 1])
  expect(two.group.memoryBytes).toBeGreaterThan(two.leader.memoryBytes)
  expect(two.group.openFiles).toBeGreaterThan(two.leader.openFiles)
  expect(one.group).toEqual({ processes: 1, ...one.leader })
  const rows = (await second.says("ps", "--usage")).stdout.split("\n")
  expect(rows[0]).toMatch(/^NAME +STATE +PID +PROCS +CPU +MEMORY +FILES +READ +WRITTEN$/)
  expect(rows[1]).toMatch(/^\S+ +up +3 +\d+\.\d\ds +[\d.]+ MiB +\d+ +\d/)
  expect(rows[2]).toMatch(/^├─ two +up +\d+ +2 +\d+\.\d\ds +[\d.]+ MiB +\d+ +\d/)
  await second.end()
})

it("says in how many milliseconds a child in backoff, or one that has failed, is started again", async () => {
  const children = [sleeper("fails"), sleeper("waits", { backoff: constant({ delay: "1h", jitter: 0 }) }), sleeper("a")]
  const second = await Second.up(root(children, { onIntensity: "failChild", intensity: 1, retryAfter: "10 minutes" }))
  signal(pidOf(at("fails")), "SIGKILL")
  await second.running.event("Started", at("fails"), ({ incarnation }) => incarnation === 2)
  signal(pidOf(at("fails")), "SIGKILL")
  await second.running.event("Failed", at("fails"))
  signal(pidOf(at("waits")), "SIGKILL")
  await second.running.event("Backoff", at("waits"))
  const nodes = JSON.parse((await second.says("ps", "--json")).stdout) as ReadonlyArray<{ readonly retryInMs?: number }>
  const why = async (id: string) => JSON.parse((await second.says("why", id, "--last", "1", "--json")).stdout).now
  const minutes = ({ retryInMs = 0 }) => Math.ceil(retryInMs / 60_000)
  expect(nodes.map(minutes)).toEqual([0, 10, 60, 0])
  expect([await why("fails"), await why("waits"), await why("a")].map(minutes)).toEqual([10, 60, 0])
  await second.end()
})

it("prints the events that the tree's own terminal has printed", async () => {
  const second = await Second.up(root([shell("talker", "echo hello; exec sleep 1000"), sleeper("a")]))
  await second.running.event("Line", at("talker"))
  const parsed = (text: string) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as EventLine)
  const { stdout } = await second.says("events", "--json")
  expect(parsed(stdout)).toEqual(second.running.events.filter(({ event }) => event !== "Line"))
  const lines = (await second.says("events")).stdout
  const unprinted = second.running.events.filter(({ event, path }) => event === "Starting" && path !== rootPath)
  expect(lines.trimEnd().split("\n")).toHaveLength(parsed(stdout).length - unprinted.length)
  expect(lines).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d{3} ${rootPath} starting\n(.*\n)*.* ${rootPath} up after \\S+\n$`))

  const follower = supervise(["events", "-f", "--json", "--output"], { cwd: second.folder })
  await follower.event("Started", rootPath)
  signal(pidOf(at("talker")), "SIGKILL")
  await follower.event("Line", at("talker"), ({ text }) => text === "hello")
  await second.end()
  expect(await follower.code).toBe(0)
  const silent = (events: ReadonlyArray<EventLine>) => events.filter(({ event }) => event !== "Line")
  expect(silent(follower.events)).toEqual(silent(second.running.events))
  const heard = follower.events.filter(({ event }) => event === "Line")
  expect(second.running.events).toEqual(expect.arrayContaining(heard))
})

it("ends when its reader has seen enough", async () => {
  const second = await Second.up(root([shell("talker", "while :; do echo hello; sleep 0.02; done")]))
  const command = `'${process.execPath}' '${bin}' events -f --output | head -n 5`
  const reader = new Running("bash", ["-o", "pipefail", "-c", command], { cwd: second.folder })
  expect(await reader.code).toBe(0)
  await second.end()
})

// ---------------------------------------------------------------- one state directory, one tree

it("refuses a second tree by name, and lets it have a state directory of its own", async () => {
  const second = await Second.up(four())
  const before = living().length
  const other = supervise([treeFile(root([sleeper("other")]), temporaryFolder()), "--state", second.state])
  expect(await other.code).toBe(73)
  expect(other.stderr).toBe(
    `The state directory ${second.state} is in use by ${rootPath} (pid ${second.running.pid}). Name another one with --state DIR.\n`
  )
  expect(other.stdout).toBe("")
  expect(living().length).toBe(before)

  const elsewhere = join(temporaryFolder(), "state")
  const third = supervise([join(second.folder, "tree.json"), "--state", elsewhere])
  await third.event("Started", rootPath)
  expect((await second.says("stop", "--state", elsewhere)).code).toBe(0)
  expect(await third.code).toBe(0)
  expect((await second.says("ps", "--json")).code).toBe(0)
  await second.end()
})

it("stays the only one when its state directory is removed, says so, and is reached again", async () => {
  const second = await Second.up(root([sleeper("a")]))
  rmSync(second.state, { recursive: true })
  const other = await second.says("tree.json")
  expect([other.code, other.stdout]).toEqual([73, ""])
  expect(other.stderr).toContain(`(pid ${second.running.pid})`)
  await second.running.says(/ was removed while its tree runs\. It has been made again\.\n/, 0, "stderr")
  expect((await second.says("stop")).code).toBe(0)
  expect(await second.running.code).toBe(0)
})

it("lets no other user in, and writes its pid to a file while it runs", async () => {
  const second = await Second.up(four())
  expect(statSync(second.state).mode & 0o777).toBe(0o700)
  expect(statSync(join(second.state, "control.sock")).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(second.state, "pid"), "utf8")).toBe(`${second.running.pid}\n`)
  await second.end()
  const logs = typeof keeperProgram() === "string" ? ["logs"] : []
  expect(readdirSync(second.state).sort()).toEqual([".gitignore", "lock", ...logs])
})

it("says that nothing runs, even after kill -9; and files left behind do not prevent a start", async () => {
  const second = await Second.up(root([sleeper("a")]))
  const leaf = pidOf(at("a"))
  second.running.kill("SIGKILL")
  await second.running.ended
  const nothing = `Nothing runs with the state directory ${second.state}: `
  for (const verb of ["ps", "stop"]) {
    const { code, stderr } = await second.says(verb)
    expect([code, stderr.split("\n").at(-2)]).toEqual([69, `${nothing}its supervisor has crashed.`])
  }
  signal(leaf, "SIGKILL") // the portable spawner does not survive this: its leaves are orphans
  await eventually("the orphan is gone", () => living().length === 0)

  const again = await Second.up(four(), second.folder)
  expect((await again.says("ps", "--json")).code).toBe(0)
  await again.end()
  expect(await second.says("ps")).toEqual(failed(69, `${nothing}there is no control socket in it.`))
})

it("says where it looked when there is no state directory at all", async () => {
  const folder = temporaryFolder()
  const verb = supervise(["ps"], { cwd: folder })
  expect(await verb.code).toBe(69)
  expect(verb.stderr).toMatch(/\.supervise: it is not there, nor is there one in a folder above\..* name it with --state DIR\.\n$/)
  expect(await answerOf(supervise(["ps", "--state", "nowhere"], { cwd: folder }))).toEqual(
    failed(69, `Nothing runs with the state directory ${join(folder, "nowhere")}: it is not there.`)
  )
})

it("starts nothing where it cannot have its state directory", async () => {
  const folder = temporaryFolder()
  const file = treeFile(four(), folder)
  writeFileSync(join(folder, "file"), "")
  mkdirSync(join(folder, "taken", "control.sock"), { recursive: true })
  writeFileSync(join(folder, "taken", "lock"), "")
  const cannot = (state: string, because: string) =>
    failed(74, `The state directory ${state} cannot be used: ${because}. Name another one with --state DIR.`)
  const cases: ReadonlyArray<readonly [string, string]> = [
    [join(folder, "file"), "it is not a folder"],
    [join(folder, "file", "below"), `${join(folder, "file")} is not a folder`],
    ["/proc/no/such", "ENOENT: no such file or directory, mkdir '/proc/no'"],
    [join(folder, "taken"), `${join(folder, "taken", "control.sock")} exists and is not a socket`]
  ]
  for (const [state, because] of cases) expect(await answerOf(supervise([file, "--state", state]))).toEqual(cannot(state, because))
})

it("leaves alone a socket on which another program listens, and does not take it for a supervisor", async () => {
  const folder = temporaryFolder()
  const file = treeFile(four(), folder)
  const state = join(folder, ".supervise")
  const socket = join(state, "control.sock")
  mkdirSync(state)
  writeFileSync(join(state, "lock"), "")
  const says = (because: string) => failed(69, `Nothing runs with the state directory ${state}: ${because}.`)

  const polite = createHttpServer((_, response) => response.end('{"hello":"world"}'))
  await listening(polite, socket)
  expect(await answerOf(supervise(["ps", "--state", state]))).toEqual(says(`what listens on ${socket} is not a supervisor`))
  const second = await answerOf(supervise([file]))
  expect(second.code).toBe(74)
  expect(second.stderr).toContain(`another program listens on ${socket}`)
  expect(existsSync(socket)).toBe(true)
  await new Promise((done) => polite.close(done))

  const mute = createServer(() => {})
  await listening(mute, socket)
  expect(await answerOf(supervise(["ps", "--state", state]))).toEqual(says(`what listens on ${socket} does not answer`))
})

it.skipIf(process.geteuid?.() !== 0)("sends nothing to another user, in a folder above or at the end of a link", async () => {
  const other = 65534
  const folder = temporaryFolder()
  const below = join(folder, "below")
  const state = join(folder, ".supervise")
  const requests: Array<string> = []
  const fake = createServer((socket) => {
    requests.push("a connection")
    socket.end()
  })
  mkdirSync(below)
  mkdirSync(state)
  await listening(fake, join(state, "control.sock"))
  chownSync(state, other, other)
  const says = (because: string) => failed(69, `Nothing runs with the state directory ${state}: ${because}.`)
  const whose = `user ${other}, and this runs as user 0`
  const foreign = says(`it belongs to ${whose}; run this as its owner, or name a folder of your own`)
  for (const verb of [["ps"], ["stop"], ["events", "-f"], ["stop", "--state", state]])
    expect(await answerOf(supervise(verb, { cwd: below }))).toEqual(foreign)

  // A tree of our own, to which the link of another user leads.
  const own = await Second.up(four())
  renameSync(state, join(folder, "fake"))
  symlinkSync(own.state, state)
  lchownSync(state, other, other)
  expect(await answerOf(supervise(["stop"], { cwd: below }))).toEqual(
    says(`${state} is a link of ${whose}, and is not followed; remove it`)
  )
  lchownSync(state, 0, 0)
  expect((await answerOf(supervise(["ps"], { cwd: below }))).code).toBe(0)

  // Our own link to a socket elsewhere, which another user has made meanwhile.
  const left = join(folder, "left")
  mkdirSync(left)
  symlinkSync(join(folder, "fake", "control.sock"), join(left, "control.sock"))
  const elsewhere = await answerOf(supervise(["ps", "--state", left]))
  expect([elsewhere.code, elsewhere.stderr]).toEqual([69, expect.stringContaining(`: ${join(folder, "fake")} belongs to ${whose}`)])
  chownSync(join(folder, "fake", "control.sock"), other, other)
  expect((await answerOf(supervise(["ps", "--state", left]))).stderr).toContain(
    `its socket ${join(folder, "fake", "control.sock")} belongs to ${whose}`
  )
  expect(requests).toEqual([])
  await new Promise((done) => fake.close(done))
  await own.end()
})

it("finds a shorter path where that of its socket is too long", async () => {
  const runtime = temporaryFolder()
  chmodSync(runtime, 0o700)
  const env = { ...process.env, XDG_RUNTIME_DIR: runtime }
  const folder = join(temporaryFolder(), "long".repeat(30))
  mkdirSync(folder)
  const running = supervise([treeFile(root([sleeper("a")]), folder)], { env })
  await running.event("Started", rootPath)
  expect(lstatSync(join(folder, ".supervise", "control.sock")).isSymbolicLink()).toBe(true)
  // The client may have another runtime folder.
  expect((await answerOf(supervise(["restart", "a"], { cwd: folder }))).stdout).toBe(`${at("a")} is up as incarnation 2.\n`)
  expect((await answerOf(supervise(["stop"], { cwd: folder }))).code).toBe(0)
  expect(await running.code).toBe(0)
  const [own] = readdirSync(runtime)
  expect(readdirSync(join(runtime, own!))).toEqual([])
})

it("does not wait for a follower that stops reading", async () => {
  const second = await Second.up(root([shell("talker", "while :; do echo hello; sleep 0.01; done")]))
  const follower = supervise(["events", "-f", "--output"], { cwd: second.folder })
  await follower.says(/hello/)
  follower.kill("SIGSTOP")
  await second.end()
  follower.kill("SIGCONT")
  await follower.code
})

const listening = async (server: Server, path: string): Promise<void> => {
  server.listen(path)
  await once(server, "listening")
  breakers.push(() => {
    server.close()
    return false
  })
}
