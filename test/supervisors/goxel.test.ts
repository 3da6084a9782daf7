/**
 * Goxel under the real command line: agents draw through its MCP server, and what is killed comes back with what needs
 * it.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { once } from "node:events"
import { cpSync, existsSync, statSync } from "node:fs"
import { createConnection } from "node:net"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import { afterEach, expect, it } from "vitest"
import { Running, supervise } from "../runtime/command.ts"
import { living, pidOf, signal, temporaryFolder } from "../runtime/processes.ts"

const home = resolve(import.meta.dirname, "../../supervisors/goxel")
const ROOT = "/goxel"
const daemon = "/goxel/daemon"
const server = "/goxel/server"

interface Message {
  readonly id?: unknown
  readonly method?: string
  readonly params?: { readonly pid?: number; readonly healthy?: boolean; readonly because?: string }
  readonly result?: {
    readonly content?: ReadonlyArray<{ readonly type: string; readonly text: string }>
    readonly structuredContent?: Record<string, unknown>
    readonly isError?: boolean
    readonly tools?: ReadonlyArray<{ readonly name: string; readonly inputSchema: { readonly required: ReadonlyArray<string> } }>
  } & Record<string, unknown>
  readonly error?: { readonly code: number; readonly message: string }
}

/** An MCP client: one connection, and every message received on it. */
class Client {
  readonly messages: Array<Message> = []
  /** Whether the server has disconnected. */
  readonly closed: Promise<unknown>
  private readonly socket
  private over = false
  private waiting: Array<() => void> = []

  constructor(path: string) {
    this.socket = createConnection(path)
    this.socket.on("error", () => {})
    const wake = () => this.waiting.splice(0).forEach((wake) => void wake())
    createInterface(this.socket).on("line", (line) => {
      this.messages.push(JSON.parse(line))
      wake()
    })
    this.closed = once(this.socket, "close").then(() => {
      this.over = true
      wake()
    })
  }

  say(line: string): void {
    this.socket.write(`${line}\n`)
  }

  /** The first such message, past or future. */
  async hears(such: (message: Message) => boolean, from = 0): Promise<Message> {
    for (;;) {
      const found = this.messages.slice(from).find(such)
      if (found !== undefined) return found
      if (this.over) throw new Error(`The server has hung up. It said: ${JSON.stringify(this.messages)}`)
      await new Promise<void>((wake) => this.waiting.push(wake))
    }
  }

  notified(event: string, such: (params: NonNullable<Message["params"]>) => boolean = () => true, from = 0): Promise<Message> {
    return this.hears(({ method, params }) => method === `notifications/${event}` && such(params!), from)
  }

  private ids = 0
  request(method: string, params?: unknown): Promise<Message> {
    const id = ++this.ids
    this.say(JSON.stringify({ jsonrpc: "2.0", id, method, params }))
    return this.hears((message) => message.id === id)
  }

  /** The answer of a tool. */
  async use(name: string, input: unknown = {}): Promise<unknown> {
    const { result, error } = await this.request("tools/call", { name, arguments: input })
    if (error !== undefined) throw new Error(error.message)
    return result?.structuredContent ?? result?.content?.[0]?.text
  }

  end(): void {
    this.socket.destroy()
  }
}

/** A copy of its folder, so that its sockets are its own. */
class Goxel {
  readonly folder = join(temporaryFolder(), "goxel")
  readonly sockets = ["daemon.sock", "mcp.sock"].map((name) => join(this.folder, ".supervise/goxel", name))
  readonly running: Running
  readonly clients: Array<Client> = []

  constructor(env: Record<string, string> = {}) {
    cpSync(home, this.folder, { recursive: true, filter: (path) => !path.includes(".supervise") })
    this.running = supervise([join(this.folder, "tree.ts")], { env: { ...process.env, ...env } })
  }

  async client(): Promise<Client> {
    const client = this.clients[this.clients.push(new Client(this.sockets[1]!)) - 1]!
    await client.request("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } })
    client.say(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }))
    return client
  }

  /** Kills it; returns the paths of everything that was started, once the server is up again. */
  async kill(path: string): Promise<ReadonlyArray<string>> {
    const from = this.running.events.length
    expect(signal(pidOf(path), "SIGKILL")).toBe(true)
    await this.running.event("Started", server, undefined, from)
    return this.running.events
      .slice(from)
      .filter(({ event }) => event === "Started")
      .map(({ path }) => path)
  }

  ask(...words: ReadonlyArray<string>): string {
    return execFileSync(process.execPath, [join(this.folder, "ask.js"), ...words], { encoding: "utf8" })
  }

  /** Everything stops by itself, last to first, and nothing is left. */
  async end(): Promise<void> {
    const from = this.running.events.length
    this.running.kill("SIGTERM")
    expect(await this.running.ended).toEqual({ code: 0, signal: null })
    const stopped = this.running.events.slice(from).filter(({ event }) => event === "Stopped")
    expect(stopped.map(({ path, exit }) => [path, exit])).toEqual([server, daemon].map((path) => [path, { _tag: "Code", code: 0 }]))
    expect(this.sockets.filter((path) => existsSync(path))).toEqual([])
    expect(living(daemon).concat(living(server))).toEqual([])
  }
}

const goxels: Array<Goxel> = []
const boot = async (env?: Record<string, string>): Promise<Goxel> => {
  const goxel = goxels[goxels.push(new Goxel(env)) - 1]!
  await goxel.running.event("Started", ROOT)
  return goxel
}
afterEach(() => {
  for (const { clients } of goxels.splice(0)) for (const client of clients) client.end()
})

const orange = { center: [16, 16, 16], radius: 1, color: "ff8800" }

it("boots in order, speaks MCP, draws what an agent asks for and reads it back, and stops in reverse", async () => {
  const goxel = await boot()
  expect(goxel.running.events.filter(({ event }) => event === "Started").map(({ path }) => path)).toEqual([daemon, server, ROOT])
  expect(goxel.sockets.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600])

  const agent = await goxel.client()
  expect((await agent.hears(({ id }) => id === 1)).result).toEqual({
    protocolVersion: "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "goxel", version: "1.0.0" }
  })
  expect((await agent.notified("started")).params).toEqual({ pid: pidOf(daemon) })
  const { tools } = (await agent.request("tools/list")).result!
  const drawing = ["draw_voxel at,color", "draw_box from,to,color", "draw_sphere center,radius,color", "get_voxel at", "clear ", "export "]
  expect(tools!.map(({ name, inputSchema }) => `${name} ${inputSchema.required}`)).toEqual([...drawing, "start ", "status ", "health "])

  // Sent at once and answered in order: the sphere covers the voxel, the box a part of the sphere.
  const drawn = [
    agent.use("draw_voxel", { at: [16, 16, 16], color: "0000ff" }),
    agent.use("draw_sphere", orange),
    agent.use("draw_box", { from: [17, 16, 16], to: [16, 16, 16], color: "00ff00" })
  ]
  expect(await Promise.all(drawn)).toEqual([
    { drawn: 1, voxels: 1 },
    { drawn: 7, voxels: 7 },
    { drawn: 2, voxels: 7 }
  ])
  const colors = await Promise.all([15, 16, 17, 18].map((x) => agent.use("get_voxel", { at: [x, 16, 16] })))
  expect(colors).toEqual([{ color: "ff8800" }, { color: "00ff00" }, { color: "00ff00" }, { color: null }])
  const [head, format, ...voxels] = String(await agent.use("export"))
    .trimEnd()
    .split("\n")
  expect([head, format]).toEqual(["# One line per voxel", "# X Y Z RRGGBB"])
  expect(voxels.sort()).toEqual(
    [
      "15 16 16 ff8800",
      "16 15 16 ff8800",
      "16 16 15 ff8800",
      "16 16 16 00ff00",
      "16 16 17 ff8800",
      "16 17 16 ff8800",
      "17 16 16 00ff00"
    ].sort()
  )
  expect(await agent.use("draw_box", { from: [0, 0, 0], to: [31, 31, 31], color: "ffffff" })).toEqual({ drawn: 32 ** 3, voxels: 32 ** 3 })
  expect(String(await agent.use("export")).split("\n")).toHaveLength(2 + 32 ** 3 + 1) // the largest possible answer
  expect(await agent.use("clear")).toEqual({ voxels: 0 })
  expect(await agent.use("get_voxel", { at: [16, 16, 16] })).toEqual({ color: null })

  await goxel.end()
  expect((await agent.notified("stopped")).params).toMatchObject({ because: "the server stops" })
  await agent.closed
})

it("answers mistakes with a sentence and the protocol's code, and goes on", async () => {
  const goxel = await boot()
  const agent = await goxel.client()
  const refusal = async (name: string, input: unknown) => (await agent.request("tools/call", { name, arguments: input })).result
  expect(await refusal("draw_voxel", { at: [0, 0, 32], color: "ff8800" })).toEqual({
    content: [{ type: "text", text: "at wants three whole numbers from 0 to 31, not [0,0,32]" }],
    isError: true
  })
  const sentence = async (name: string, input: unknown) => (await refusal(name, input))!.content![0]!.text
  expect(await sentence("draw_voxel", { at: [0, 0, 0], color: ["ff8800"] })).toBe(
    'color wants six hex digits such as "ff8800", not ["ff8800"]'
  )
  expect(await sentence("draw_sphere", { ...orange, radius: -1 })).toBe("radius wants a number from 0 to 32, not -1")
  expect(await sentence("get_voxel", undefined)).toBe("at wants three whole numbers from 0 to 31, not nothing")

  expect((await agent.request("tools/call", { name: "toString" })).error).toEqual({ code: -32602, message: "there is no tool toString" })
  expect((await agent.request("resources/list")).error).toEqual({ code: -32601, message: "there is no method resources/list" })
  agent.say("{half")
  expect((await agent.hears(({ id }) => id === null)).error).toEqual({ code: -32700, message: "this line is not JSON" })
  const from = agent.messages.length
  agent.say("[]")
  expect((await agent.hears(({ id }) => id === null, from)).error?.code).toBe(-32600)
  agent.say(JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled" })) // no id, no answer
  expect((await agent.request("ping")).result).toEqual({})
  const answers = agent.messages.slice(from).filter(({ id }) => id !== undefined)
  expect(answers).toHaveLength(2)

  expect(goxel.ask()).toContain("draw_voxel: Draws one voxel.\n")
  expect(goxel.ask("draw_sphere", JSON.stringify(orange))).toBe('{"drawn":7,"voxels":7}\n')
  expect(goxel.ask("export")).toMatch(/^# One line per voxel\n(.+\n){8}$/)
  const wrong = spawnSync(process.execPath, [join(goxel.folder, "ask.js"), "get_voxel"], { encoding: "utf8" })
  expect([wrong.status, wrong.stdout]).toEqual([1, "at wants three whole numbers from 0 to 31, not nothing\n"])
  await goxel.end()
})

it("loses daemon and server with the daemon, and reports which stopped and started; with the server it loses nothing", async () => {
  const goxel = await boot()
  const watch = new Running(process.execPath, [join(goxel.folder, "ask.js"), "watch"])
  const agent = await goxel.client()
  const first = pidOf(daemon)
  await watch.says(new RegExp(`^started {"pid":${first}}$`, "m"))
  await agent.use("draw_sphere", orange)

  expect(await goxel.kill(daemon)).toEqual([daemon, server])
  expect((await agent.notified("stopped")).params?.pid).toBe(first)
  await agent.closed
  const second = pidOf(daemon)
  expect(second).not.toBe(first)
  await watch.says(new RegExp(`^stopped {"pid":${first},"because":".+"}\n(.*\n)*started {"pid":${second}}$`, "m"))
  const next = await goxel.client()
  expect(await next.use("status")).toMatchObject({ running: true, pid: second })
  expect(await next.use("get_voxel", { at: [16, 16, 16] })).toEqual({ color: null })

  await next.use("draw_sphere", orange)
  expect(await goxel.kill(server)).toEqual([server])
  await next.closed
  expect(pidOf(daemon)).toBe(second)
  const last = await goxel.client()
  expect(await last.use("get_voxel", { at: [16, 16, 16] })).toEqual({ color: "ff8800" })
  expect(await last.use("start")).toMatchObject({ running: true, pid: second })

  const counted = goxel.running.events.filter(({ event }) => event === "RestartCounted").map(({ message }) => message)
  expect(counted).toEqual(["restart 1 within 1m, 5 allowed", "restart 2 within 1m, 5 allowed"])
  watch.kill("SIGTERM")
  await watch.ended
  await goxel.end()
})

it("finds the next daemon even without a tree", async () => {
  const goxel = await boot()
  await goxel.end() // from here on without a supervisor
  const start = async (program: string) => {
    const running = new Running(process.execPath, [program], { cwd: goxel.folder })
    await running.says(/ ready on /)
    return running
  }
  const first = await start("daemon.js")
  const server = await start("server.js")
  const agent = await goxel.client()
  await agent.notified("started", ({ pid }) => pid === first.pid)
  first.kill("SIGKILL")
  expect((await agent.notified("stopped")).params).toEqual({ pid: first.pid, because: "the daemon has gone" })
  expect(await agent.use("status")).toEqual({ running: false })
  expect(await agent.use("health")).toEqual({ healthy: false, because: "the drawing daemon is not there" })
  expect((await agent.request("tools/call", { name: "clear" })).result).toMatchObject({ isError: true })
  const running = agent.use("start")
  const second = await start("daemon.js")
  expect(await running).toMatchObject({ running: true, pid: second.pid })
  await agent.notified("started", ({ pid }) => pid === second.pid)
  expect(await agent.use("draw_sphere", orange)).toEqual({ drawn: 7, voxels: 7 })
  for (const one of [server, second]) {
    one.kill("SIGTERM")
    expect(await one.code).toBe(0)
  }
})

it("distinguishes a daemon that hangs from one that runs, and refuses a second copy", async () => {
  const goxel = await boot({ GOXEL_PING_MS: "250" })
  const agent = await goxel.client()
  const pid = pidOf(daemon)
  await agent.notified("health", ({ healthy }) => healthy === true)
  const from = agent.messages.length
  signal(pid, "SIGSTOP")
  const { params } = await agent.notified("health", ({ healthy }) => healthy === false, from)
  expect(params).toEqual({ healthy: false, because: "the drawing daemon has not answered within 250 ms" })
  expect(await agent.use("health")).toMatchObject({ healthy: false })
  expect(await agent.use("status")).toMatchObject({ running: true, pid })
  const healing = agent.messages.length
  signal(pid, "SIGCONT")
  await agent.notified("health", (health) => health.healthy === true && health.pid === pid, healing)

  const copy = supervise([join(goxel.folder, "tree.ts"), "--state", temporaryFolder()])
  expect(await copy.code).toBe(75)
  expect(copy.stdout).toContain("another process already listens there. Stop it, or set GOXEL_SOCKET.")
  expect(copy.stderr).toContain("/goxel could not boot")

  const elsewhere = join(temporaryFolder(), "private", "daemon.sock")
  const other = supervise([join(goxel.folder, "tree.ts"), "--state", temporaryFolder()], {
    env: { ...process.env, GOXEL_SOCKET: elsewhere }
  })
  await other.event("Started", ROOT)
  expect(existsSync(elsewhere)).toBe(true)
  other.kill("SIGTERM")
  expect(await other.code).toBe(0)
  expect(existsSync(elsewhere)).toBe(false)

  expect(await agent.use("status")).toMatchObject({ running: true, pid })
  await goxel.end()
})
