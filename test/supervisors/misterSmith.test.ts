/** Mister Smith under the real command line: what is killed comes back with what needs it, and the work goes on. */
import { execFileSync } from "node:child_process"
import { cpSync } from "node:fs"
import { join, resolve } from "node:path"
import { expect, it } from "vitest"
import { type EventLine, type Running, supervise } from "../runtime/command.ts"
import { eventually, isAlive, living, look, signal, temporaryFolder } from "../runtime/processes.ts"

const home = resolve(import.meta.dirname, "../..")
const of = (...ids: ReadonlyArray<string>): string => ["/RootSupervisor", ...ids].join("/")
const MESSAGING = of("MessagingSupervisor")
const broker = of("MessagingSupervisor", "broker")
const router = of("MessagingSupervisor", "router")
const gateway = of("MessagingSupervisor", "gateway")
const orchestrator = of("OrchestrationSupervisor", "orchestrator")
const scheduler = of("OrchestrationSupervisor", "scheduler")
const workers = [1, 2, 3, 4].map((n) => of("WorkerPoolSupervisor", String(n)))
const everyone = [broker, router, gateway, orchestrator, scheduler, ...workers]

/** A copy of its folder, so that its sockets are its own. */
class MisterSmith {
  readonly folder = join(temporaryFolder(), "mister-smith")
  readonly running: Running

  constructor() {
    cpSync(join(home, "supervisors/mister-smith"), this.folder, { recursive: true, filter: (path) => !path.includes(".supervise") })
    this.running = supervise([join(this.folder, "tree.ts")])
  }

  async boot(): Promise<void> {
    await this.running.event("Started", of())
  }

  /**
   * What runs, by path and pid. A process exists before its event arrives, so this repeats until all are up and both
   * agree.
   */
  pids(): Map<string, number> {
    return new Map(living().flatMap(({ path, pid }) => (path === undefined ? [] : [[path, pid]])))
  }

  /** Kills it, and waits until everything that restarts with it is up again; returns what has a new process. */
  async kill(path: string, affected: ReadonlyArray<string>): Promise<ReadonlyArray<string>> {
    const before = this.pids()
    const from = this.running.events.length
    expect(signal(before.get(path)!, "SIGKILL")).toBe(true)
    await Promise.all(affected.map((one) => this.running.event("Started", one, undefined, from)))
    const after = this.pids()
    expect([...after.keys()].sort()).toEqual([...everyone].sort())
    return everyone.filter((one) => after.get(one) !== before.get(one))
  }

  /** One more job is done. */
  job(): Promise<EventLine> {
    const from = this.running.events.length
    return this.running.event("Line", orchestrator, ({ text }) => /^job \d+ done: /.test(text!), from)
  }

  /** A request through the gateway. */
  ask(...words: ReadonlyArray<string>): string {
    return execFileSync(process.execPath, [join(this.folder, "ask.js"), ...words], { encoding: "utf8" }).trim()
  }

  /** Ctrl-C: everything stops in reverse order, and nothing is left. */
  async end(): Promise<void> {
    const from = this.running.events.length
    this.running.kill("SIGINT")
    expect(await this.running.ended).toEqual({ code: 0, signal: null })
    const stopped = this.running.events.slice(from).filter(({ event }) => event === "Stopped")
    const order = stopped.map(({ path }) => path).filter((path) => !workers.includes(path) && !path.includes("WorkerPool"))
    expect(order).toEqual([scheduler, orchestrator, of("OrchestrationSupervisor"), gateway, router, broker, MESSAGING])
    expect(
      stopped
        .slice(0, workers.length + 1)
        .map(({ path }) => path)
        .sort()
    ).toEqual([of("WorkerPoolSupervisor"), ...workers])
    expect(stopped.filter(({ exit }) => exit?._tag === "Signal")).toEqual([]) // everything exited by itself when asked
    expect(living()).toEqual([])
  }
}

const boot = async (): Promise<MisterSmith> => {
  const smith = new MisterSmith()
  await smith.boot()
  return smith
}

it("boots in order, does its jobs, answers at the gateway, and stops in reverse", async () => {
  const smith = await boot()
  const leaves = smith.running.events.filter(({ event, path }) => event === "Started" && everyone.includes(path)).map(({ path }) => path)
  expect(leaves.slice(0, 5)).toEqual([broker, router, gateway, orchestrator, scheduler])
  expect(leaves.slice(5).sort()).toEqual(workers)
  expect((await smith.job()).text).toMatch(/^job 1 done: 10 words \(10 so far\), 168 primes below 1000, sha256 [0-9a-f]{8}$/)
  expect(smith.ask("primes", "1000")).toBe("168")
  expect(smith.ask("words", "to be or not to be")).toBe("6")
  await smith.end()
})

it("restarts exactly what belongs together, whatever is killed, and the work goes on", async () => {
  const smith = await boot()
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
    [broker, [broker, router, gateway]],
    [router, [router, gateway]],
    [gateway, [gateway]],
    [orchestrator, [orchestrator, scheduler]],
    [scheduler, [orchestrator, scheduler]],
    [workers[2]!, [workers[2]!]]
  ]
  for (const [victim, affected] of cases) {
    expect([victim, await smith.kill(victim, affected)]).toEqual([victim, affected])
    await smith.job()
  }
  expect(smith.ask("words", "everything goes on")).toBe("3")
  await smith.end()
})

it("gives up on messaging when its broker dies too often, restarts it, and goes on", async () => {
  const smith = await boot()
  const { running } = smith
  for (let count = 1; ; count++) {
    const { pid } = await running.event("Spawned", broker, ({ incarnation }) => incarnation === count)
    await running.event(
      "Started",
      gateway,
      undefined,
      running.events.findIndex((event) => event.pid === pid && event.path === broker)
    )
    signal(pid!, "SIGKILL")
    const counted = await running.event("RestartCounted", MESSAGING, ({ message }) => message!.startsWith(`restart ${count} `))
    if (counted.message === "restart 6 within 30s, 5 allowed") break
  }
  const ending = await running.event("Ending", MESSAGING)
  expect(ending.message).toBe("going down: it gave up: more than 5 restarts in 30s")
  await running.event("RestartCounted", MESSAGING, ({ message }) => message === "restart 1 within 1m, 3 allowed")
  const again = await running.event("Started", MESSAGING, ({ incarnation }) => incarnation === 2)
  expect(running.events.find(({ event, path, incarnation }) => event === "Spawned" && path === broker && incarnation === 7)).toBeDefined()
  expect(again.seq).toBeGreaterThan(ending.seq)
  await smith.job()
  expect(smith.ask("primes", "100")).toBe("25")
  for (const path of [orchestrator, scheduler, ...workers]) {
    expect(running.events.filter((event) => event.event === "Spawned" && event.path === path)).toHaveLength(1)
  }
  await smith.end()
})

it("examples/hello ticks as well", async () => {
  const running = supervise([join(home, "examples/hello/tree.ts")])
  await running.event("Line", "/hello/clock", ({ text }) => text === "tick 2")
  const clock = living("/hello/clock")[0]!
  running.kill("SIGINT")
  expect(await running.code).toBe(0)
  expect(isAlive(clock.pid) && look(clock.pid) !== undefined).toBe(false)
  await eventually("nothing is left", () => living().length === 0)
})
