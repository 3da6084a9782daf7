/**
 * Mister Smith's programs without a supervisor: when one dies, the others wait for it and lose nothing that was asked.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { createConnection } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import type { ChildSpec } from "supervise"
import { afterEach, expect, it } from "vitest"
import tree from "../../supervisors/mister-smith/tree.ts"

const home = resolve(import.meta.dirname, "../../supervisors/mister-smith")

/** One running program, and everything it has printed. */
class Agent {
  readonly lines: Array<string> = []
  readonly exited: Promise<unknown>
  readonly process: ChildProcessByStdio<null, Readable, null>
  private waiting: Array<() => void> = []

  constructor(folder: string, program: string, env: Record<string, string>, args: ReadonlyArray<string> = []) {
    const stdio = ["ignore", "pipe", "inherit", env.SUPERVISE_FD ? "pipe" : "ignore"] as const
    this.process = spawn(process.execPath, [program, ...args], { cwd: folder, env: { ...process.env, ...env }, stdio: [...stdio] }) as never
    this.exited = once(this.process, "exit")
    createInterface(this.process.stdout).on("line", (line) => {
      this.lines.push(line)
      for (const look of this.waiting.splice(0)) look()
    })
  }

  /** The first line from `from` on that matches; waits for it. */
  async says(pattern: RegExp, from = 0): Promise<string> {
    for (;;) {
      const line = this.lines.slice(from).find((line) => pattern.test(line))
      if (line !== undefined) return line
      await new Promise<void>((resolve) => this.waiting.push(resolve))
    }
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal)
    await this.exited
  }
}

/** The whole framework in a folder of its own. */
class Framework {
  readonly folder = mkdtempSync(join(tmpdir(), "mister-smith-"))
  readonly agents: Array<Agent> = []

  start(program: string, env: Record<string, string> = {}): Agent {
    const agent = new Agent(home, program, { MISTER_SMITH_SOCKET: join(this.folder, "private", "broker.sock"), ...env })
    this.agents.push(agent)
    return agent
  }

  async startAll() {
    const broker = this.start("broker.js")
    const named = { router: this.start("router.js"), gateway: this.start("gateway.js"), orchestrator: this.start("orchestrator.js") }
    await named.orchestrator.says(/^orchestrator ready/)
    const all = { broker, ...named, scheduler: this.start("scheduler.js"), workers: [1, 2, 3, 4].map(() => this.start("worker.js")) }
    await Promise.all([broker, ...Object.values(named), all.scheduler, ...all.workers].map((agent) => agent.says(/ ready/)))
    return all
  }

  /** One request through the gateway; the answer as it comes over the wire. */
  async ask(request: unknown): Promise<unknown> {
    const socket = createConnection(join(this.folder, "private", "gateway.sock"))
    try {
      socket.write(`${typeof request === "string" ? request : JSON.stringify(request)}\n`)
      for await (const line of createInterface(socket)) return JSON.parse(line)
      throw new Error("the gateway hung up")
    } finally {
      socket.destroy()
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.stop("SIGKILL")))
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const frameworks: Array<Framework> = []
const framework = () => frameworks[frameworks.push(new Framework()) - 1]!
afterEach(async () => {
  await Promise.all(frameworks.splice(0).map((one) => one.end()))
})

const sha256OfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

it("is a tree of programs that exist, and the same data each time", () => {
  const spec = tree({ env: { MISTER_SMITH_SOCKET: "/run/smith/broker.sock" } })
  expect(outline(spec)).toEqual([
    "RootSupervisor OneForOne",
    "  MessagingSupervisor RestForOne",
    "    broker broker.js",
    "    router router.js",
    "    gateway gateway.js",
    "  OrchestrationSupervisor OneForAll",
    "    orchestrator orchestrator.js",
    "    scheduler scheduler.js",
    "  WorkerPoolSupervisor 4",
    "    worker worker.js"
  ])
  expect(JSON.parse(JSON.stringify(spec))).toEqual(spec)
  expect(JSON.stringify(spec).split('"MISTER_SMITH_SOCKET":"/run/smith/broker.sock"').length - 1).toBe(6)
})

function outline(child: ChildSpec, indent = ""): ReadonlyArray<string> {
  switch (child.type) {
    case "supervisor":
      return [`${indent}${child.id} ${child.strategy ?? "OneForOne"}`, ...child.children.flatMap((below) => outline(below, `${indent}  `))]
    case "pool":
      return [`${indent}${child.id} ${child.size}`, ...outline(child.child, `${indent}  `)]
    case "worker":
      expect(child.start[0]).toBe("node")
      expect(existsSync(join(home, child.start[1]!))).toBe(true)
      return [`${indent}${child.id} ${child.start[1]}`]
  }
}

it("answers requests at the gateway, and invalid ones with what is wrong", async () => {
  const smith = framework()
  await smith.startAll()
  expect(await smith.ask({ id: 7, kind: "primes", input: 1000 })).toEqual({ id: 7, result: 168 })
  expect(await smith.ask({ kind: "words", input: " to be  or not " })).toEqual({ result: 4 })
  expect(await smith.ask({ kind: "hash", input: "abc" })).toEqual({ result: sha256OfAbc })
  expect(await smith.ask({ kind: "love", input: "?" })).toEqual({ error: 'unknown kind "love"; I know words, hash, primes' })
  expect(await smith.ask("not json")).toEqual({ error: "unknown kind undefined; I know words, hash, primes" })
  expect(await smith.ask({ kind: "primes", input: "many" })).toEqual({ error: "primes wants a whole number up to 100000000" })
})

it("does the scheduler's jobs one after the other, and adds them up", async () => {
  const { orchestrator } = await framework().startAll()
  await orchestrator.says(/^job 3 done/)
  expect(orchestrator.lines.slice(1, 4)).toEqual([
    "job 1 done: 10 words (10 so far), 168 primes below 1000, sha256 32f11ce0",
    "job 2 done: 6 words (16 so far), 303 primes below 2000, sha256 ffa8eaaa",
    "job 3 done: 3 words (19 so far), 430 primes below 3000, sha256 677f4700"
  ])
})

it("answers a task although the worker that had it was killed", async () => {
  const smith = framework()
  const { broker, workers } = await smith.startAll()
  const answer = smith.ask({ kind: "primes", input: 4_000_000 })
  const atWork = /is at work on primes 4000000/
  const victim = await Promise.any(workers.map((worker) => worker.says(atWork).then(() => worker)))
  await victim.stop("SIGKILL")
  await broker.says(/an agent was lost at work on primes; its task goes back to the queue/)
  const heir = await Promise.any(workers.filter((worker) => worker !== victim).map((worker) => worker.says(atWork).then(() => worker)))
  expect(await answer).toEqual({ result: 283_146 })
  expect(heir).not.toBe(victim)
})

it("goes on where it was when the broker was killed and is back", async () => {
  const smith = framework()
  const { broker, orchestrator, workers } = await smith.startAll()
  // One more than there are workers: four are in progress when the broker dies, and the fifth is only in its memory.
  const answers = Promise.all([1, 2, 3, 4, 5].map(() => smith.ask({ kind: "primes", input: 3_000_000 })))
  await Promise.all(workers.map((worker) => worker.says(/is at work on primes 3000000/)))
  await broker.stop("SIGKILL")
  expect(existsSync(join(smith.folder, "private", "broker.sock"))).toBe(true) // a stale socket file, which is replaced

  const seen = orchestrator.lines.length
  await smith.start("broker.js").says(/^broker ready/)
  expect(await answers).toEqual([1, 2, 3, 4, 5].map(() => ({ result: 216_816 })))
  await orchestrator.says(/^job \d+ done/, seen)
  expect(await smith.ask({ kind: "words", input: "everything goes on" })).toEqual({ result: 3 })
})

it("starts over when orchestrator and scheduler restart together, without the earlier jobs", async () => {
  const smith = framework()
  const { broker, orchestrator, scheduler, workers } = await smith.startAll()
  await orchestrator.says(/^job 1 done/)
  await Promise.all(workers.map((worker) => worker.stop("SIGKILL")))
  await scheduler.says(/^3 jobs are open: the next one waits/)
  await Promise.all([orchestrator.stop("SIGKILL"), scheduler.stop("SIGKILL")])
  await broker.says(/an agent was lost at work on jobs; its task goes back to the queue/)

  await smith.start("worker.js").says(/ ready/)
  const next = smith.start("orchestrator.js")
  await next.says(/ ready/)
  smith.start("scheduler.js")
  expect(await next.says(/^job/)).toBe(orchestrator.lines[1])
})

it("gives up a task that kills every worker", async () => {
  const smith = framework()
  const { broker, workers } = await smith.startAll()
  const answer = smith.ask({ kind: "primes", input: 90_000_000 })
  for (let lost = 0; lost < 5; lost++) {
    const victim = await Promise.any(workers.map((worker) => worker.says(/is at work on primes 90000000/).then(() => worker)))
    await victim.stop("SIGKILL")
    workers.splice(workers.indexOf(victim), 1, smith.start("worker.js"))
  }
  expect(await answer).toEqual({ error: "5 agents were lost over it" })
  expect(broker.lines.at(-1)).toBe("an agent was lost at work on primes; its task is given up")
})

it("stops promptly on SIGTERM, even in the middle of a task, and removes its sockets", async () => {
  const smith = framework()
  const { broker, router, gateway, orchestrator, scheduler, workers } = await smith.startAll()
  let answered = false
  void smith.ask({ kind: "primes", input: 90_000_000 }).then(
    () => (answered = true),
    () => undefined
  )
  const busy = await Promise.any(workers.map((worker) => worker.says(/is at work on primes/).then(() => worker)))
  for (const agent of [busy, ...workers, scheduler, orchestrator, gateway, router, broker]) await agent.stop("SIGTERM")
  expect(smith.agents.map(({ process }) => process.exitCode)).toEqual(smith.agents.map(() => 0))
  expect(answered).toBe(false) // it did not wait for the task
  expect(existsSync(join(smith.folder, "private", "broker.sock"))).toBe(false)
  expect(existsSync(join(smith.folder, "private", "gateway.sock"))).toBe(false)
})

it("also reports readiness on the descriptor it was given, and keeps its socket to itself", async () => {
  const smith = framework()
  const broker = smith.start("broker.js", { SUPERVISE_FD: "3" })
  const [said] = await once(broker.process.stdio[3] as Readable, "data")
  expect(String(said)).toBe("\n")
  expect(statSync(join(smith.folder, "private")).mode & 0o777).toBe(0o700)
  expect(statSync(join(smith.folder, "private", "broker.sock")).mode & 0o777).toBe(0o600)
})

it("lets two copies run at the same time, and refuses a second broker in the same folder", async () => {
  const [one, other] = [framework(), framework()]
  const { broker } = await one.startAll()
  await other.start("broker.js").says(/ ready/)
  const second = one.start("broker.js")
  expect(await second.exited).toEqual([1, null])
  expect(await one.ask({ kind: "words", input: "still here" })).toEqual({ result: 2 })
  expect(broker.process.exitCode).toBe(null)
})

it("works in a very deep folder, with sockets of its own, and can be asked from anywhere", async () => {
  const smith = framework()
  const deep = join(smith.folder, ...Array.from({ length: 8 }, () => "a-folder-with-a-long-name"))
  cpSync(home, deep, { recursive: true, filter: (path) => !path.includes(".supervise") })
  for (const program of ["broker.js", "router.js", "gateway.js", "worker.js"]) {
    const agent = new Agent(deep, program, {})
    smith.agents.push(agent)
    await agent.says(/ ready/)
  }
  const asked = new Agent(tmpdir(), join(deep, "ask.js"), {}, ["primes", "100"])
  smith.agents.push(asked)
  expect(await asked.exited).toEqual([0, null])
  expect(asked.lines).toEqual(["25"])
})
