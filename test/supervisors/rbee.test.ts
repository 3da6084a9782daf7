/**
 * Rbee under the real command line: questions go down the chain, the chain reports what is wrong with it, and heals
 * level by level.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { once } from "node:events"
import { cpSync, readdirSync } from "node:fs"
import { type IncomingMessage, request } from "node:http"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import { json } from "node:stream/consumers"
import { expect, it } from "vitest"
import { type Running, supervise } from "../runtime/command.ts"
import { living, PATIENCE_MS, pidOf, signal, temporaryFolder } from "../runtime/processes.ts"

const home = resolve(import.meta.dirname, "../../supervisors/rbee")
const ROOT = "/rbee"
const keeper = "/rbee/keeper"
const QUEEN = "/rbee/QueenSupervisor"
const queen = `${QUEEN}/queen`
const HIVE = `${QUEEN}/HiveSupervisor`
const hive = `${HIVE}/hive`
const WORKERS = `${HIVE}/WorkerSupervisor`
const [first, second] = [`${WORKERS}/worker-1`, `${WORKERS}/worker-2`]
const everyone = [hive, first, second, queen, keeper]

interface Said {
  readonly word?: string
  readonly done?: boolean
  readonly error?: string
}

async function all<A>(things: AsyncIterable<A>): Promise<ReadonlyArray<A>> {
  const found: Array<A> = []
  for await (const one of things) found.push(one)
  return found
}

/** A copy of its folder, so that its sockets are its own. */
class Rbee {
  readonly folder = join(temporaryFolder(), "rbee")
  readonly state = join(this.folder, ".supervise/rbee")
  readonly running: Running

  constructor(env: Record<string, string>) {
    cpSync(home, this.folder, { recursive: true, filter: (path) => !path.includes(".supervise") })
    this.running = supervise([join(this.folder, "tree.ts")], { env: { ...process.env, RBEE_WORD_MS: "5", ...env } })
  }

  async request(method: string, path: string, body?: unknown, to = "keeper"): Promise<IncomingMessage> {
    const asked = request({ socketPath: join(this.state, `${to}.sock`), method, path, agent: false })
    asked.end(body === undefined ? undefined : JSON.stringify(body))
    const [response] = (await once(asked, "response")) as [IncomingMessage]
    return response
  }

  /** What is wrong, if anything is. */
  async health(): Promise<string | undefined> {
    const response = await this.request("GET", "/health")
    const { because } = (await json(response)) as { readonly because?: string }
    expect(response.statusCode).toBe(because === undefined ? 200 : 503)
    return because
  }

  /** Waits until exactly this is wrong, or nothing. */
  async healthIs(because: string | undefined): Promise<void> {
    for (const end = performance.now() + PATIENCE_MS; ; ) {
      const found = await this.health().catch(({ code }) => code)
      if (found === because) return
      if (performance.now() > end) throw new Error(`Waited in vain for "${because}"; it is "${found}"`)
    }
  }

  /** The keeper's answer to a question, as it comes. */
  async *say(prompt: unknown, words?: number): AsyncGenerator<Said> {
    const lines = createInterface({ input: await this.request("POST", "/generate", { prompt, words }) })
    for await (const line of lines) yield JSON.parse(line)
  }

  async whole(prompt: string, words?: number): Promise<ReadonlyArray<string>> {
    const said = await all(this.say(prompt, words))
    expect(said.at(-1)).toEqual({ done: true })
    return said.slice(0, -1).map(({ word }) => word!)
  }

  /** Kills it, checks while it cannot come back yet, and waits until it is healed; returns what has a new process. */
  async kill(path: string, affected: ReadonlyArray<string>, check: () => Promise<void>): Promise<ReadonlyArray<string>> {
    const before = new Map(everyone.map((one) => [one, pidOf(one)]))
    const from = this.running.events.length
    signal(this.running.pid, "SIGSTOP")
    expect(signal(before.get(path)!, "SIGKILL")).toBe(true)
    await check()
    signal(this.running.pid, "SIGCONT")
    await Promise.all(affected.map((one) => this.running.event("Started", one, undefined, from)))
    return everyone.filter((one) => pidOf(one) !== before.get(one))
  }

  ask = (...words: ReadonlyArray<string>) => execFileSync(process.execPath, [join(this.folder, "ask.js"), ...words], { encoding: "utf8" })

  /** Everything stops by itself, last to first, and nothing is left. */
  async end(): Promise<void> {
    const from = this.running.events.length
    this.running.kill("SIGTERM")
    expect(await this.running.ended).toEqual({ code: 0, signal: null })
    const stopped = this.running.events.slice(from).filter(({ event }) => event === "Stopped")
    expect(stopped.map(({ path }) => path)).toEqual([keeper, queen, second, first, WORKERS, hive, HIVE, QUEEN])
    expect(stopped.filter(({ exit }) => exit?._tag === "Signal")).toEqual([])
    expect(readdirSync(this.state)).toEqual([])
    expect(living()).toEqual([])
  }
}

const boot = async (env: Record<string, string> = {}): Promise<Rbee> => {
  const rbee = new Rbee(env)
  await rbee.running.event("Started", ROOT)
  return rbee
}

it("boots from the bottom to the top, and answers questions there", async () => {
  const rbee = await boot()
  const started = rbee.running.events.filter(({ event }) => event === "Started").map(({ path }) => path)
  expect(started).toEqual([hive, first, second, WORKERS, HIVE, queen, QUEEN, keeper, ROOT])
  await rbee.healthIs(undefined)
  await rbee.running.event("Line", keeper, ({ text }) => text === "all is well")

  const words = await rbee.whole("who rules the hive", 12)
  expect(words).toHaveLength(12)
  expect(await rbee.whole("who rules the hive")).toEqual([...words, ...Array(18).fill(expect.any(String))])
  // More questions than workers: some wait for their turn, and all get the same answer.
  expect(await Promise.all(Array.from({ length: 5 }, () => rbee.whole("who rules the hive", 12)))).toEqual(Array(5).fill(words))
  const spoken = rbee.running.events.filter(({ event, text }) => event === "Line" && text?.includes(' speaks on "who rules the hive"'))
  expect(new Set(spoken.map(({ path }) => path))).toEqual(new Set([first, second]))
  expect(rbee.ask("who rules the hive", "12").trim().split(" ")).toEqual(words)
  expect(JSON.parse(rbee.ask())).toEqual({ name: "keeper", pid: pidOf(keeper) })

  const answer = await rbee.request("POST", "/generate", { prompt: 7 })
  expect([answer.statusCode, await json(answer)]).toEqual([400, { error: "prompt wants a text of up to 10000 characters" }])
  expect(await all(rbee.say("", 0))).toEqual([{ error: "words wants a whole number from 1 to 10000" }])
  const nowhere = await rbee.request("GET", "/nowhere")
  expect([nowhere.statusCode, await json(nowhere)]).toEqual([404, { error: "there is no GET /nowhere" }])

  const copy = supervise([join(rbee.folder, "tree.ts"), "--state", temporaryFolder()])
  expect(await copy.code).toBe(75)
  expect(copy.stdout).toContain("another process already listens there. Stop it, or set RBEE_STATE.")
  await rbee.end()
})

it("reports at the top what is wrong below, and restarts what needs the failed program", async () => {
  const rbee = await boot()
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>, string]> = [
    [first, [first], "queen is not well: hive is not well: worker-1 does not answer (ECONNREFUSED)"],
    [hive, [hive, first, second], "queen is not well: hive does not answer (ECONNREFUSED)"],
    [queen, [queen], "queen does not answer (ECONNREFUSED)"],
    [keeper, [keeper], "ECONNREFUSED"]
  ]
  for (const [victim, affected, because] of cases) {
    const restarted = await rbee.kill(victim, affected, () => rbee.healthIs(because))
    expect([victim, restarted]).toEqual([victim, affected])
    await rbee.healthIs(undefined)
    expect(await rbee.whole("does it go on", 3)).toHaveLength(3)
  }
  await rbee.kill(queen, [queen], async () => {
    await rbee.healthIs("queen does not answer (ECONNREFUSED)")
    expect(await all(rbee.say("is anybody there"))).toEqual([{ error: "queen does not answer (ECONNREFUSED)" }])
    const refused = spawnSync(process.execPath, [join(rbee.folder, "ask.js")], { encoding: "utf8" })
    expect([refused.status, refused.stdout]).toEqual([1, '{"name":"keeper","because":"queen does not answer (ECONNREFUSED)"}\n'])
  })
  await rbee.end()
})

it("distinguishes a worker that hangs from a healthy one", async () => {
  const rbee = await boot({ RBEE_PATIENCE_MS: "250", RBEE_BEAT_MS: "50" })
  await rbee.healthIs(undefined)
  signal(pidOf(second), "SIGSTOP")
  const because = "queen is not well: hive is not well: worker-2 does not answer within 250 ms"
  const { seq } = await rbee.running.event("Line", keeper, ({ text }) => text === because)
  signal(pidOf(second), "SIGCONT")
  await rbee.running.event("Line", keeper, (event) => event.text === "all is well" && event.seq > seq)
  await rbee.end()
})

it("finishes an answer with another worker when one is lost, and gives up on the workers when one dies too often", async () => {
  const rbee = await boot({ RBEE_WORD_MS: "10" })
  const { running } = rbee
  const undisturbed = await rbee.whole("what is honey", 40)
  const { path: speaker } = await running.event("Line", first, ({ text }) => text?.includes("what is honey") === true)
  const said: Array<string> = []
  for await (const { word } of rbee.say("what is honey", 10_000)) {
    said.push(word!)
    if (said.length === 10) expect(signal(pidOf(speaker), "SIGKILL")).toBe(true)
    if (said.length === 40) break // and disconnect
  }
  expect(said).toEqual(undisturbed)
  const { text } = await running.event("Line", hive, ({ text }) => text?.startsWith("lost after ") === true)
  expect(text).toMatch(/^lost after \d+ words: worker-1 has gone in the midst of it$/)
  const from = Number(/\d+/.exec(text!)) + 1
  await running.event("Line", second, (event) => event.text!.endsWith(`speaks on "what is honey", from word ${from} on`))

  const stay = [hive, queen, keeper].map(pidOf)
  for (let count = 2; ; count++) {
    const { pid } = await running.event("Spawned", first, ({ incarnation }) => incarnation === count)
    await running.event("Started", first, ({ incarnation }) => incarnation === count)
    signal(pid!, "SIGKILL")
    const { message } = await running.event("RestartCounted", WORKERS, (event) => event.message!.startsWith(`restart ${count} `))
    if (message === "restart 4 within 30s, 3 allowed") break
  }
  expect((await running.event("Ending", WORKERS)).message).toBe("going down: it gave up: more than 3 restarts in 30s")
  await running.event("RestartCounted", HIVE, ({ message }) => message === "restart 1 within 30s, 5 allowed")
  await running.event("Started", WORKERS, ({ incarnation }) => incarnation === 2)
  expect([hive, queen, keeper].map(pidOf)).toEqual(stay)
  await rbee.healthIs(undefined)
  expect(await rbee.whole("what is honey", 10)).toEqual(undisturbed.slice(0, 10))
  await rbee.end()
})
