/**
 * Graphium under the real command line: tasks are done in order, whatever is killed meanwhile, and no service is left
 * behind.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { type IncomingMessage, request } from "node:http"
import { join, resolve } from "node:path"
import { text } from "node:stream/consumers"
import { expect, it } from "vitest"
import { Running, supervise } from "../runtime/command.ts"
import { commandOf, eventually, isAlive, living, PATIENCE_MS, signal, temporaryFolder } from "../runtime/processes.ts"

const home = resolve(import.meta.dirname, "../../supervisors/graphium")
const ROOT = "/graphium"
const server = "/graphium/server"
const agents = "/graphium/agents"
const [north, south] = [`${agents}/north`, `${agents}/south`]

interface Task {
  readonly id: number
  readonly state: string
  readonly agent?: string
  readonly reason?: string
  readonly leases: number
  readonly errors: number
  readonly lost: number
}
interface Service {
  readonly name: string
  readonly agent: string
  readonly wanted: string
  readonly pid: number | null
}

/** Its JSON, if there is any. */
const maybe = async (from: IncomingMessage): Promise<unknown> => JSON.parse((await text(from)) || "null") ?? undefined

const ask = (
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
  read: (from: IncomingMessage) => Promise<unknown> = maybe
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, agent: false }, (response) => void read(response).then(resolve, reject))
    asked.on("error", reject).end(body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body))
  })

/** Asks repeatedly, until an answer matches. */
async function asking<A>(what: string, ask: () => Promise<ReadonlyArray<A>>, such: (one: A) => boolean): Promise<A> {
  for (const end = performance.now() + PATIENCE_MS; ; ) {
    const all = await ask()
    const found = all.find(such)
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`Asked in vain for ${what}. The last answer: ${JSON.stringify(all)}`)
    await new Promise((again) => setTimeout(again, 10))
  }
}

/** A task that works until a file exists; `begun` gives the pid that waits. */
const until = (file: string) => ["sh", "-c", `echo $$ >> begun; until [ -e ${file} ]; do sleep 0.02; done`]
const sleep = ["sleep", "1000"]

/** A copy of its folder, so that its queue and its sockets are its own. */
class Graphium {
  readonly folder = join(temporaryFolder(), "graphium")
  readonly state = join(this.folder, ".supervise/graphium")
  readonly socket = join(this.state, "server.sock")
  running: Running

  constructor(env: Record<string, string> = {}) {
    cpSync(home, this.folder, { recursive: true, filter: (path) => !path.includes(".supervise") })
    this.running = this.start(env)
  }

  start(env: Record<string, string> = {}, ...more: ReadonlyArray<string>): Running {
    return supervise([join(this.folder, "tree.ts"), ...more], { env: { ...process.env, GRAPHIUM_POLL_MS: "20", ...env } })
  }

  async add(kind: string, service: string, more: object = {}): Promise<number> {
    const task = (await ask(this.socket, "POST", "/tasks", { kind, service, ...more })) as Task & { readonly error?: string }
    if (task.error !== undefined) throw new Error(task.error)
    return task.id
  }

  task = (id: number) => ask(this.socket, "GET", `/tasks/${id}`) as Promise<Task>

  /** The task, once it matches. */
  when(id: number, such: (task: Task) => boolean): Promise<Task> {
    return asking(`/tasks/${id}`, async () => [await this.task(id)], such)
  }
  is = (id: number, state: string) => this.when(id, (task) => task.state === state)

  /** Adds it, and waits until it is settled. */
  async settled(kind: string, service: string, more: object = {}): Promise<Task> {
    return this.when(await this.add(kind, service, more), ({ state }) => state !== "waiting" && state !== "leased")
  }

  async done(kind: string, service: string, more: object = {}): Promise<Task> {
    const task = await this.settled(kind, service, more)
    expect(task).toMatchObject({ state: "done" })
    return task
  }

  /** The service, once its agent has reported its pid, other than this one. */
  service(name: string, than: number | null = null): Promise<Service & { readonly pid: number }> {
    const services = () => ask(this.socket, "GET", "/services") as Promise<ReadonlyArray<Service & { readonly pid: number }>>
    return asking(`the pid of ${name}`, services, (one) => one.name === name && one.pid !== null && one.pid !== than)
  }

  echo = (path: string) => ask(join(this.folder, "echo.sock"), "GET", path, undefined, text)

  /** The events of the queue on disk. */
  get journal(): ReadonlyArray<{ readonly event: string; readonly id: number }> {
    const text = readFileSync(join(this.state, "queue.jsonl"), "utf8")
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  }

  /**
   * The pid of the latest incarnation. Its services have its path in their environment too, so /proc would not tell.
   */
  pid(path: string): number {
    return this.running.events.findLast((event) => event.event === "Spawned" && event.path === path)!.pid!
  }

  /** Kills it, and waits until these are up again; returns what was started. */
  async kill(path: string, last: string): Promise<ReadonlyArray<string>> {
    const from = this.running.events.length
    expect(signal(this.pid(path), "SIGKILL")).toBe(true)
    await this.running.event("Started", last, undefined, from)
    return this.started(from)
  }

  started = (from = 0) =>
    this.running.events
      .slice(from)
      .filter(({ event }) => event === "Started")
      .map(({ path }) => path)

  file(name: string): void {
    writeFileSync(join(this.folder, name), "")
  }

  /** The pids that wait in `until`. */
  begun = () =>
    existsSync(join(this.folder, "begun")) ? readFileSync(join(this.folder, "begun"), "utf8").trim().split("\n").map(Number) : []

  run = (...words: ReadonlyArray<string>) =>
    execFileSync(process.execPath, [join(this.folder, "ask.js"), ...words], { encoding: "utf8" }).trim()

  async ended(): Promise<void> {
    expect(await this.running.ended).toEqual({ code: 0, signal: null })
    expect(readdirSync(this.state).filter((name) => name.endsWith(".sock"))).toEqual([])
    await eventually("nothing is left, services included", () => living().length === 0)
  }

  /** Everything stops by itself, last to first, and nothing is left. */
  async end(): Promise<void> {
    const from = this.running.events.length
    this.running.kill("SIGTERM")
    await this.ended()
    const stopped = this.running.events.slice(from).filter(({ event }) => event === "Stopped")
    expect(stopped.map(({ path }) => path)).toEqual([south, north, agents, server])
    expect(stopped.filter(({ exit }) => exit?._tag === "Signal")).toEqual([])
  }
}

const boot = async (env?: Record<string, string>): Promise<Graphium> => {
  const graphium = new Graphium(env)
  await graphium.running.event("Started", ROOT)
  return graphium
}

it("boots in order, runs real services, and answers an invalid request with a sentence", async () => {
  const graphium = await boot()
  expect(graphium.started()).toEqual([server, north, south, agents, ROOT])
  expect(graphium.run("deploy", "echo", "--", "node", "echo.js", "echo.sock")).toMatch(/^task 1 · deploy echo · done · (north|south)$/)
  const first = await graphium.service("echo")
  await eventually("it listens", () => existsSync(join(graphium.folder, "echo.sock")))
  expect(await graphium.echo("/hello")).toBe(`GET /hello, says pid ${first.pid}\n`)
  expect(graphium.run()).toContain(`echo at ${first.agent}, running as pid ${first.pid}: node echo.js echo.sock\n`)

  await graphium.done("restart", "echo")
  const second = await graphium.service("echo", first.pid)
  expect([isAlive(first.pid), isAlive(second.pid), second.agent]).toEqual([false, true, first.agent])
  await graphium.done("start", "echo") // it already runs
  expect((await graphium.service("echo")).pid).toBe(second.pid)
  await graphium.done("stop", "echo")
  expect(isAlive(second.pid)).toBe(false)
  await graphium.done("start", "echo")
  const third = await graphium.service("echo", second.pid)
  await graphium.done("update", "echo", { command: sleep })
  expect(isAlive(third.pid)).toBe(false)
  const fourth = await graphium.service("echo", third.pid)
  expect(commandOf(fourth.pid)).toBe("sleep 1000 ")

  // A failed update leaves the service as it was before.
  const update = await graphium.settled("update", "echo", { command: ["sh", "-c", "exit 3"] })
  expect([update.state, update.reason]).toEqual(["failed", "sh -c exit 3 has ended at once (exit code 3)"])
  const fifth = await graphium.service("echo", fourth.pid)
  expect(commandOf(fifth.pid)).toBe("sleep 1000 ")
  await graphium.done("delete", "echo")
  expect(isAlive(fifth.pid)).toBe(false)
  expect(await ask(graphium.socket, "GET", "/services")).toEqual([])

  const wrong = (body: unknown) => ask(graphium.socket, "POST", "/tasks", body)
  const kinds = "deploy, update, start, stop, restart, delete"
  expect(await wrong({ kind: "frob", service: "x" })).toEqual({ error: `kind is "frob"; expected one of ${kinds}` })
  expect(await wrong({ kind: "stop" })).toEqual({ error: "service is missing; expected a name of small letters, digits and -" })
  expect(await wrong({ kind: "stop", service: ["x"] })).toEqual({
    error: 'service is ["x"]; expected a name of small letters, digits and -'
  })
  expect(await wrong({ kind: "deploy", service: "x" })).toEqual({ error: "deploy wants a command" })
  expect(await wrong({ kind: "stop", service: "x", id: 7 })).toEqual({ error: "id is 7; expected nothing of that name" })
  expect(await wrong({ kind: "stop", service: "x", dependsOn: [99] })).toEqual({ error: "it depends on 99, and there is no such task" })
  expect(await wrong("{half")).toEqual({ error: expect.stringMatching(/^this cannot be read: /) })
  expect(await wrong(`"${"x".repeat(70_000)}"`).catch(() => "cut off")).toEqual(expect.anything())
  expect(await ask(graphium.socket, "GET", "/tasks/99")).toEqual({ error: "there is no task 99" })
  expect(await ask(graphium.socket, "PUT", "/tasks")).toEqual({ error: "there is no PUT /tasks" })
  expect(await ask(graphium.socket, "POST", "/tasks/1/result", { lease: 1, ok: true })).toEqual({ error: "lease 1 of task 1 is over" })
  const refused = spawnSync(process.execPath, [join(graphium.folder, "ask.js"), "stop", "mail"], { encoding: "utf8" })
  expect([refused.status, refused.stdout]).toEqual([1, expect.stringMatching(/ · stop mail · failed · .* · mail is not deployed\n$/)])
  await graphium.end()
})

it("does urgent tasks first, then old ones, dependencies before what needs them, and retries as often as allowed", async () => {
  const graphium = await boot()
  const busy = [await graphium.add("deploy", "a", { command: sleep, before: until("go") })]
  busy.push(await graphium.add("deploy", "b", { command: sleep, before: until("go") }))
  for (const id of busy) await graphium.is(id, "leased")
  const low = await graphium.add("deploy", "low", { command: sleep })
  const high = await graphium.add("deploy", "high", { command: sleep, priority: 5 })
  const alsoHigh = await graphium.add("deploy", "also-high", { command: sleep, priority: 5 })
  const onLow = await graphium.add("restart", "low", { priority: 9, dependsOn: [low, high] })
  graphium.file("go")
  await graphium.is(onLow, "done")
  const leased = graphium.journal.filter(({ event }) => event === "leased").map(({ id }) => id)
  expect(leased).toEqual([...busy, high, alsoHigh, low, onLow])
  const at = (event: string, id: number) => graphium.journal.findIndex((one) => one.event === event && one.id === id)
  expect(at("leased", onLow)).toBeGreaterThan(at("done", low))

  const flaky = await graphium.done("deploy", "flaky", {
    command: sleep,
    retries: 2,
    before: ["sh", "-c", "echo >> t; test $(wc -l < t) = 3"]
  })
  expect(flaky).toMatchObject({ state: "done", errors: 2, leases: 3 })
  const hopeless = await graphium.add("deploy", "hopeless", { command: sleep, retries: 1, before: ["false"], dependsOn: [flaky.id] })
  const onIt = await graphium.add("start", "hopeless", { dependsOn: [hopeless] })
  const onThat = await graphium.add("stop", "hopeless", { dependsOn: [flaky.id, onIt] })
  expect(await graphium.is(onThat, "blocked")).toMatchObject({ reason: `task ${onIt} (start hopeless) is blocked`, leases: 0 })
  expect(await graphium.task(onIt)).toMatchObject({ state: "blocked", reason: `task ${hopeless} (deploy hopeless) has failed` })
  expect(await graphium.task(hopeless)).toMatchObject({ state: "failed", reason: "false has ended with exit code 1", errors: 2 })
  const late = await graphium.task(await graphium.add("stop", "low", { dependsOn: [hopeless] }))
  expect([late.state, late.reason]).toEqual(["blocked", `task ${hopeless} (deploy hopeless) has failed`])
  await graphium.end()
})

it("finds an agent's services again after its death, and gives its task to another, even if it only seemed dead", async () => {
  const graphium = await boot({ GRAPHIUM_LEASE_MS: "1500" })
  const pathOf = (agent: string) => `${agents}/${agent}`
  await graphium.done("deploy", "echo", { command: ["node", "echo.js", "echo.sock"] })
  const echo = await graphium.service("echo")
  expect(await graphium.kill(pathOf(echo.agent), pathOf(echo.agent))).toEqual([pathOf(echo.agent)])
  await graphium.running.event("Line", pathOf(echo.agent), ({ text }) => text === `${echo.agent} ready, its services: echo`)
  expect((await graphium.service("echo")).pid).toBe(echo.pid)
  expect(isAlive(echo.pid)).toBe(true)

  // Killed in the middle of a task: what it had begun stops with it, and the task is done all the same.
  const killed = await graphium.add("deploy", "one", { command: sleep, before: until("one") })
  const { agent: victim } = await graphium.is(killed, "leased")
  const [before] = await eventually("its work has begun", () => graphium.begun()[0]! > 1 && graphium.begun())
  await graphium.kill(pathOf(victim!), pathOf(victim!))
  await graphium.when(killed, ({ leases, state }) => leases === 2 && state === "leased")
  expect(isAlive(before!)).toBe(false)
  graphium.file("one")
  expect(await graphium.is(killed, "done")).toMatchObject({ leases: 2, lost: 1, errors: 0 })

  // Silent for longer than its lease: another agent does the task; when the first wakes up, its result is refused and
  // its changes are undone.
  const stopped = await graphium.add("deploy", "two", { command: ["sleep", "2000"], before: until("two") })
  const { agent: frozen } = await graphium.is(stopped, "leased")
  signal(graphium.pid(pathOf(frozen!)), "SIGSTOP")
  const taken = await graphium.when(stopped, ({ leases, state }) => leases === 2 && state === "leased")
  expect(taken.agent).not.toBe(frozen)
  graphium.file("two")
  expect(await graphium.is(stopped, "done")).toMatchObject({ agent: taken.agent, lost: 1 })
  signal(graphium.pid(pathOf(frozen!)), "SIGCONT")
  await graphium.running.event("Line", pathOf(frozen!), ({ text }) => text === `lease 1 of task ${stopped} is over`)
  const runs = () => living().filter(({ pid }) => commandOf(pid) === "sleep 2000 ")
  await eventually("there is one of it", () => runs().length === 1)
  expect(runs()[0]!.pid).toBe((await graphium.service("two")).pid)
  expect((await graphium.service("two")).agent).toBe(taken.agent)
  await graphium.end()
})

it("loses nothing with its server, killed or stopped, and starts again what should run", async () => {
  const graphium = await boot()
  await graphium.done("deploy", "echo", { command: ["node", "echo.js", "echo.sock"] })
  await graphium.done("deploy", "idle", { command: sleep })
  await graphium.done("stop", "idle")
  const { pid } = await graphium.service("echo")
  const atWork = await graphium.add("deploy", "slow", { command: sleep, before: until("go") })
  await graphium.is(atWork, "leased")
  const waiting = await graphium.add("restart", "slow", { dependsOn: [atWork] })

  expect(await graphium.kill(server, agents)).toEqual([server, north, south, agents])
  const again = await graphium.service("echo", pid)
  expect([isAlive(pid), isAlive(again.pid)]).toEqual([false, true])
  await graphium.when(atWork, ({ leases, state }) => leases === 2 && state === "leased")
  expect(await graphium.task(waiting)).toMatchObject({ state: "waiting" })
  graphium.file("go")
  expect(await graphium.is(waiting, "done")).toMatchObject({ leases: 1 })
  expect(await graphium.task(atWork)).toMatchObject({ state: "done", lost: 0 })
  expect(living().filter(({ pid }) => commandOf(pid) === "sleep 1000 ")).toHaveLength(1) // slow; idle was stopped

  const copy = graphium.start({}, "--state", temporaryFolder())
  expect(await copy.code).toBe(75)
  expect(copy.stdout).toContain("another process already listens there. Stop it, or set GRAPHIUM_STATE.")
  expect(isAlive(again.pid)).toBe(true) // a copy that fails to boot cleans nothing up

  // Stopped just when an agent has died: its services are stopped all the same.
  signal(graphium.running.pid, "SIGSTOP")
  signal(graphium.pid(`${agents}/${again.agent}`), "SIGKILL")
  graphium.running.kill("SIGTERM")
  graphium.running.kill("SIGCONT")
  await graphium.ended()
  expect(isAlive(again.pid)).toBe(false)

  // The next evening. An incomplete last line was never answered, and is ignored.
  const events = graphium.journal
  appendFileSync(join(graphium.state, "queue.jsonl"), '{"event":"added","id":')
  graphium.running = graphium.start()
  await graphium.running.event("Started", ROOT)
  expect(graphium.journal).toEqual(events)
  expect((await graphium.service("echo")).pid).not.toBe(again.pid)
  await graphium.done("stop", "slow")
  await graphium.end()
})

it("leases a task to one agent at a time, and gives up a task that costs too many of them", async () => {
  const graphium = await boot()
  await graphium.end() // from here on the test plays the agents
  const start = async () => {
    const running = new Running(process.execPath, ["server.js"], {
      cwd: graphium.folder,
      env: { ...process.env, GRAPHIUM_LEASE_MS: "600000" }
    })
    await running.says(/^server ready/m)
    return running
  }
  const post = (path: string, body: object = {}) => ask(graphium.socket, "POST", path, body)
  const next = async (agent: string) => ((await post(`/agents/${agent}/next`, {})) as { readonly task: Task } | undefined)?.task
  const result = (task: Task, more: object) => post(`/tasks/${task.id}/result`, { lease: task.leases, ...more })

  let running = await start()
  const one = await graphium.add("deploy", "one", { command: sleep })
  const stop = await graphium.add("stop", "one", { priority: 7 })
  const two = await graphium.add("deploy", "two", { command: sleep, dependsOn: [one] })
  const urgent = (await next("a"))!
  expect([urgent.id, await next("b")]).toEqual([stop, undefined]) // one at a time for each service, and two has to wait for one
  expect(await result(urgent, { error: "not yet" })).toMatchObject({ state: "failed", reason: "not yet" })
  const first = (await next("a"))!
  expect([first.id, await next("b")]).toEqual([one, undefined])
  expect(await post(`/tasks/${one}/renew`, { lease: 2 })).toEqual({ error: `lease 2 of task ${one} is over` })
  expect(await post(`/tasks/${one}/renew`, { lease: 1 })).toMatchObject({})
  running.kill("SIGKILL")
  await running.ended
  running = await start() // it assumes that every lease ended with the last server
  expect(await result(first, { ok: true })).toEqual({ error: `lease 1 of task ${one} is over` })
  const again = (await next("b"))!
  expect([again.id, again.leases, again.lost]).toEqual([one, 2, 0])
  expect(await result(again, { ok: true })).toMatchObject({ state: "done", agent: "b" })
  expect(await result(again, { ok: true })).toEqual({ error: `lease 2 of task ${one} is over` })

  // A task that is leased to one agent is offered to no other.
  const restart = await graphium.add("restart", "one", { priority: 1 })
  expect([(await next("a"))?.id, (await next("b"))?.id]).toEqual([two, restart])
  for (let leases = 2; leases <= 5; leases++) expect(await next("a")).toMatchObject({ id: two, leases, lost: leases - 1 })
  expect(await next("a")).toBeUndefined()
  expect(await graphium.task(two)).toMatchObject({ state: "failed", reason: "5 agents were lost over it", lost: 5 })
  running.kill("SIGTERM")
  expect(await running.code).toBe(0)
})
