/**
 * What watching many workers costs: `node bench/watch.ts [SECONDS]` prints for each crowd the share of one core that
 * the supervisor's own process uses. It needs a C compiler, for leaves that cost nothing themselves.
 */
import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer as createWebServer } from "node:http"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import type { TreeSpec, WorkerSpec } from "supervise"
import { pause } from "./measure.ts"

const here = import.meta.dirname
const seconds = Number(process.argv[2] ?? 10)
/** Not counted: the start itself, and code that is not compiled yet. */
const WARM_UP_MS = 4_000

/**
 * What is probed is another process, whose time is not the supervisor's. It answers any message with how often it was
 * asked.
 */
async function serve(): Promise<void> {
  let asked = 0
  const [port, web] = [
    createServer((socket) => socket.on("error", () => undefined)),
    createWebServer((_, response) => response.end("well"))
  ]
  for (const server of [port, web]) server.on("connection", () => asked++)
  process.on("message", () => process.send!(asked))
  for (const server of [port, web]) await once(server.listen(0, "127.0.0.1"), "listening")
  process.send!([port, web].map((server) => (server.address() as AddressInfo).port))
  process.once("disconnect", () => process.exit())
}

const crowd = (size: number, leaf: Omit<WorkerSpec, "type" | "id">): TreeSpec => ({
  ...{ type: "supervisor", id: "bench" },
  children: Array.from({ length: size }, (_, i) => ({ type: "worker", id: `leaf${i}`, ...leaf }))
})

interface Usage {
  readonly user: number
  readonly system: number
}

/** Its share of a core, in percent, once it is warm; and how many checks per second it made. */
async function costs(tree: TreeSpec, folder: string, servers: ChildProcess): Promise<readonly [share: number, checks: number]> {
  const file = join(folder, "tree.json")
  writeFileSync(file, JSON.stringify(tree))
  const supervisor = spawn(process.execPath, [resolve(here, "../test/fixtures/runtime/crowd.ts"), file], {
    stdio: ["pipe", "pipe", "inherit"]
  })
  const output = createInterface({ input: supervisor.stdout })[Symbol.asyncIterator]()
  const next = async (tag: string): Promise<Usage> => {
    for (;;) {
      const { value, done } = await output.next()
      if (done) throw new Error(`The supervisor ended before ${tag}.`)
      const { _tag, cpu, ...more } = JSON.parse(value)
      if (_tag === tag) return cpu
      if (_tag === "Convicted") throw new Error(`A healthy worker was convicted: ${JSON.stringify(more)}`)
    }
  }
  const now = async (): Promise<Usage> => {
    supervisor.stdin.write("0\n")
    return await next("Blocked")
  }
  const asked = async (): Promise<number> => {
    servers.send("?")
    return (await once(servers, "message"))[0]
  }
  try {
    await next("Booted")
    await pause(WARM_UP_MS)
    const [before, checksBefore, begin] = [await now(), await asked(), performance.now()]
    await pause(seconds * 1_000)
    const [after, checks, ms] = [await now(), await asked(), performance.now() - begin]
    const micros = after.user + after.system - before.user - before.system
    return [micros / ms / 10, ((checks - checksBefore) / ms) * 1_000]
  } finally {
    supervisor.stdin.end()
    if (supervisor.exitCode === null) await once(supervisor, "exit")
  }
}

if (process.argv[2] === "serve") await serve()
else {
  const folder = mkdtempSync(join(tmpdir(), "supervise-watch-"))
  const servers = fork(import.meta.filename, ["serve"])
  try {
    const beats = join(folder, "beats")
    execFileSync("cc", ["-O1", "-o", beats, resolve(here, "../test/fixtures/runtime/beats.c")])
    const [[port, web]] = (await once(servers, "message")) as [[number, number]]
    const beating = (every: number) => ({
      start: [beats, String(every)] as const,
      ready: { type: "fd" } as const,
      heartbeat: { every: `${every}ms` as const }
    })
    const sleeping = { start: ["sleep", "1000000"] } as const
    const interval = "200ms"
    const tcp = { type: "tcp", port, interval } as const
    const http = { type: "http", url: `http://127.0.0.1:${web}/`, interval } as const
    const crowds: ReadonlyArray<readonly [what: string, tree: TreeSpec]> = [
      ["200 leaves that are not watched", crowd(200, sleeping)],
      ["200 leaves that beat once a second", crowd(200, beating(1_000))],
      ["200 leaves that beat ten times a second", crowd(200, beating(100))],
      ["1,000 tcp checks a second (200 leaves)", crowd(200, { ...sleeping, health: tcp })],
      ["1,000 http checks a second (200 leaves)", crowd(200, { ...sleeping, health: http })],
      ["500 of each a second (100 leaves)", crowd(100, { ...sleeping, health: [tcp, http] })]
    ]
    const row = (what: string, share: string, checks: string): void =>
      console.log(what.padEnd(44) + share.padStart(12) + checks.padStart(16))
    row("what is looked after", "% of a core", "checks/s made")
    for (const [what, tree] of crowds) {
      const [share, checks] = await costs(tree, folder, servers)
      row(what, share.toFixed(1), checks.toFixed(0))
    }
  } finally {
    servers.disconnect()
    rmSync(folder, { recursive: true })
  }
}
