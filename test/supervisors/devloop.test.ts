/**
 * Devloop under the real command line: it checks what changes, shows that it runs, and is restarted as its systemd unit
 * would have been.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { expect, it } from "vitest"
import { type EventLine, type Running, supervise } from "../runtime/command.ts"
import { eventually, living, pidOf, signal, temporaryFolder } from "../runtime/processes.ts"

const home = resolve(import.meta.dirname, "../../supervisors/devloop")
const ROOT = "/devloop"
const daemon = "/devloop/daemon"

/** So rare that no rescan helps a watcher in a test. */
const NEVER = "86400000"

interface Heartbeat {
  readonly timestamp: string
  readonly pid: number
  readonly uptime_seconds: number
}

/** A copy of its folder, so that its files are its own. */
class Devloop {
  readonly folder = join(temporaryFolder(), "devloop")
  readonly state = join(this.folder, ".supervise/devloop")
  readonly work = join(this.state, "watched")
  readonly running: Running

  constructor(env: Record<string, string> = {}) {
    cpSync(home, this.folder, { recursive: true, filter: (path) => !path.includes(".supervise") })
    this.running = this.start(env)
  }

  start(env: Record<string, string>, ...more: ReadonlyArray<string>): Running {
    return supervise(["--tier", "test", join(this.folder, "tree.ts"), ...more], {
      env: { ...process.env, DEVLOOP_BEAT_MS: "50", DEVLOOP_RESCAN_MS: NEVER, ...env }
    })
  }

  read(name: string): unknown {
    return JSON.parse(readFileSync(join(this.state, name), "utf8"))
  }

  get heartbeat(): Heartbeat {
    return this.read("heartbeat.json") as Heartbeat
  }

  get files(): unknown {
    return (this.read("status.json") as { readonly files: unknown }).files
  }

  get pidFile(): number {
    return Number(readFileSync(join(this.state, "devloop.pid"), "utf8"))
  }

  says(text: string, from = 0): Promise<EventLine> {
    return this.running.event("Line", daemon, (event) => event.text === text, from)
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.work, name), text)
  }

  async end(): Promise<void> {
    this.running.kill("SIGTERM")
    expect(await this.running.ended).toEqual({ code: 0, signal: null })
    expect(this.running.events.slice(-2).map(({ event, path, exit }) => [event, path, exit])).toEqual([
      ["Stopped", daemon, { _tag: "Code", code: 0 }],
      ["Ended", ROOT, { _tag: "Shutdown" }]
    ])
    expect(readdirSync(this.state).sort()).toEqual(["heartbeat.json", "status.json", "watched"])
    expect(living(daemon)).toEqual([])
  }
}

const boot = async (env?: Record<string, string>): Promise<Devloop> => {
  const devloop = new Devloop(env)
  await devloop.running.event("Started", ROOT)
  return devloop
}

it("checks what changes, however deep, prints what it found, and forgets what is gone", async () => {
  const devloop = await boot()
  await devloop.says("watching 0 files in .supervise/devloop/watched")
  expect(devloop.files).toEqual({})
  devloop.write("tsconfig.json", '{ "strict": true, }\n')
  const { text } = await devloop.running.event("Line", daemon, (event) => /^tsconfig.json is not JSON: Expected/.test(event.text!))
  await eventually("its status says so too", () => "tsconfig.json" in (devloop.files as object))
  expect(devloop.files).toEqual({ "tsconfig.json": [text!.replace("tsconfig.json ", "")] })

  mkdirSync(join(devloop.work, "src/deep"), { recursive: true })
  devloop.write("src/deep/main.js", `// TODO: say hello \n<<<<<<< ours\n${"x".repeat(140)}\n${"y".repeat(141)}\n`)
  await devloop.says("src/deep/main.js has lines of more than 140 characters: line 4")
  devloop.write("tsconfig.json", '{ "strict": true }\n')
  await devloop.says("tsconfig.json is well")
  const main = ["has conflict marks: line 2", "puts something off: line 1", "has space at the end of lines: line 1"]
  await eventually("the status agrees", () => JSON.stringify(devloop.files).includes('"tsconfig.json":[]'))
  expect(devloop.files).toEqual({
    "src/deep/main.js": [...main, "has lines of more than 140 characters: line 4"],
    "tsconfig.json": []
  })

  // A new folder of the same name is watched as well.
  rmSync(join(devloop.work, "src"), { recursive: true })
  mkdirSync(join(devloop.work, "src/deep"), { recursive: true })
  devloop.write("src/deep/main.js", "console.log(1)\n")
  await devloop.says("src/deep/main.js is well")
  const from = devloop.running.events.length
  devloop.write("src/deep/main.js", "console.log(2)\n")
  await devloop.says("src/deep/main.js is well", from)
  rmSync(join(devloop.work, "src"), { recursive: true })
  await devloop.says("src/deep/main.js is gone")

  // Hidden files and libraries are ignored; a file that is renamed over another changes it.
  mkdirSync(join(devloop.work, "node_modules"))
  devloop.write("node_modules/a.json", "{")
  devloop.write(".hidden.json", "{")
  devloop.write(".b.json", "[]")
  renameSync(join(devloop.work, ".b.json"), join(devloop.work, "b.json"))
  await devloop.says("b.json is well")
  expect(devloop.running.stdout).not.toMatch(/hidden|node_modules/)
  await devloop.end()
})

it("finds what no watcher has reported", async () => {
  const devloop = await boot({ DEVLOOP_RESCAN_MS: "100" })
  // At most 1000 folders are watched.
  const last = join("many", "999")
  for (let n = 0; n < 1000; n++) mkdirSync(join(devloop.work, "many", String(n).padStart(3, "0")), { recursive: true })
  devloop.write(join(last, "a.json"), "[1]")
  await devloop.says("many/999/a.json is well")
  const from = devloop.running.events.length
  devloop.write(join(last, "a.json"), "[1, 2]")
  await devloop.says("many/999/a.json is well", from)
  await devloop.end()
})

it("shows by its heartbeat and pid file that it runs, and as which process", async () => {
  const devloop = await boot()
  const first = devloop.heartbeat // it beat before it was ready
  const pid = pidOf(daemon)
  expect([first.pid, devloop.pidFile]).toEqual([pid, pid])
  expect(Object.keys(first)).toEqual(["timestamp", "pid", "uptime_seconds"])
  expect(new Date(first.timestamp).toISOString()).toBe(first.timestamp)
  // Every read finds a whole heartbeat, never half of one; and the beats go on.
  const moments = new Set<string>()
  await eventually("it has beaten ten times", () => moments.add(devloop.heartbeat.timestamp).size >= 10)
  await eventually("it counts its seconds", () => devloop.heartbeat.uptime_seconds >= 1)
  expect(devloop.heartbeat.pid).toBe(pid)

  const copy = devloop.start({}, "--state", temporaryFolder())
  expect(await copy.code).toBe(75)
  expect(copy.stdout).toContain(`pid ${pid} is at work in .supervise/devloop already. Stop that one, or set DEVLOOP_STATE.`)
  expect([devloop.heartbeat.pid, devloop.pidFile]).toEqual([pid, pid])
  await devloop.end()
  expect(existsSync(join(devloop.state, "devloop.pid"))).toBe(false)
})

it("is started five times, each time after its delay, and then gives up with the exits that led there", async () => {
  const devloop = await boot({ DEVLOOP_FOLDER: "." })
  const { running } = devloop
  for (let incarnation = 1; incarnation <= 5; incarnation++) {
    await running.event("Started", daemon, (event) => event.incarnation === incarnation)
    const pid = pidOf(daemon)
    expect([devloop.heartbeat.pid, devloop.pidFile]).toEqual([pid, pid])
    expect(devloop.files).toMatchObject({ "tree.ts": [], "daemon.js": [] }) // our own programs are correct, in every incarnation
    expect(signal(pid, "SIGKILL")).toBe(true)
  }
  expect(await running.code).toBe(75)
  const said = (tag: string) => running.events.filter(({ event }) => event === tag).map(({ message }) => message)
  expect(said("RestartCounted")).toEqual([1, 2, 3, 4, 5].map((n) => `restart ${n} within 10m, 4 allowed`))
  expect(said("Backoff")).toEqual([1, 2, 3, 4].map((n) => `restarts in 50ms (attempt ${n})`))
  const [head, ...chain] = running.complaints.trimEnd().split("\n")
  expect(head).toBe("/devloop gave up: more than 4 restarts in 10m:")
  expect(chain.pop()).toMatch(/^ {2}rule: intensity 4 in 10m {2}.*\btree\.ts:13$/)
  expect(chain.map((row) => row.trim().slice("12:34:56.789 ".length))).toEqual(
    [1, 2, 3, 4, 5].map((n) => `${daemon} (incarnation ${n}) was killed by SIGKILL`)
  )
  expect(living(daemon)).toEqual([])
})

it("says so and exits when its folder is deleted, and creates it again", async () => {
  const devloop = await boot()
  renameSync(devloop.state, join(devloop.folder, "away"))
  await devloop.running.event("Started", daemon, ({ incarnation }) => incarnation === 2)
  const complaints = devloop.running.events.filter(({ stream }) => stream === "stderr").map(({ text }) => text)
  expect(complaints).toEqual([expect.stringMatching(/^cannot go on: ENOENT: no such file or directory, \w+ '\.supervise\/devloop\b/)])
  devloop.write("a.json", "[]")
  await devloop.says("a.json is well")
  await devloop.end()
})

it("has the limits of its systemd unit outside of tests", async () => {
  const check = supervise(["check", "--json", join(home, "tree.ts")])
  expect(await check.code).toBe(0)
  const tree = JSON.parse(check.stdout)
  expect(tree).toMatchObject({ intensity: 4, children: [{ restart: "permanent", backoff: { type: "constant", jitter: 0 } }] })
  expect([tree.period, tree.children[0].backoff.delay]).toEqual(["10 minutes", "5 seconds"])
})
