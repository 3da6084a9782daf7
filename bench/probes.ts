/**
 * What probes cost: `node bench/probes.ts` prints, for each kind, the processor time of one in our own process, and how
 * many fit into a second of it.
 */
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer as createWebServer } from "node:http"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { checker } from "../src/leaf/probe/check.ts"
import type { Check } from "../src/tree/Probe.ts"

const ROUNDS = 1000
/** How many of a thousand workers are checked at the same time. */
const AT_ONCE = 20
/** The folder of the servers' socket and file. */
const folder = process.argv[3] ?? mkdtempSync(join(tmpdir(), "supervise-probes-"))
const [socket, beat] = [join(folder, "app.sock"), join(folder, "beat")]

/** The servers are another process, whose time does not count. */
async function serve(): Promise<void> {
  const [port, web] = [
    createServer((socket) => socket.on("error", () => undefined)),
    createWebServer((_, response) => response.end("well"))
  ]
  for (const server of [port, web]) await once(server.listen(0, "127.0.0.1"), "listening")
  await once(createServer((socket) => socket.on("error", () => undefined)).listen(socket), "listening")
  process.send!([port, web].map((server) => (server.address() as AddressInfo).port))
  process.once("disconnect", () => process.exit())
}

async function costs(check: Check, rounds: number): Promise<number> {
  const asks = Array.from({ length: AT_ONCE }, () => checker(check))
  const target = { path: "/bench", incarnation: 1, pid: process.pid, startTime: 0, cwd: "/", env: {}, lastMatch: () => 0 }
  const { signal } = new AbortController()
  const round = async (ask: (typeof asks)[number], times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      const verdict = await ask(target, signal)
      if (verdict !== undefined) throw new Error(`${check.type}: ${verdict}`)
    }
  }
  await Promise.all(asks.map((ask) => round(ask, 5)))
  const before = process.cpuUsage()
  await Promise.all(asks.map((ask) => round(ask, rounds / AT_ONCE)))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / rounds
}

if (process.argv[2] === "serve") await serve()
else {
  const servers = fork(import.meta.filename, ["serve", folder])
  const [[port, web]] = (await once(servers, "message")) as [[number, number]]
  writeFileSync(beat, JSON.stringify({ timestamp: Date.now(), pid: process.pid }))
  const timeout = 10_000
  const http = {
    type: "http",
    url: `http://127.0.0.1:${web}/`,
    method: "GET",
    headers: {},
    status: { from: 200, to: 399 },
    insecure: false,
    timeout
  } as const
  const checks: ReadonlyArray<readonly [Check, rounds?: number]> = [
    [{ type: "tcp", host: "127.0.0.1", port, timeout }],
    [http],
    [{ type: "unix", path: socket, timeout }],
    [{ type: "file", path: beat, maxAge: 3_600_000, timeout }],
    [{ type: "process", memory: 2 ** 40, cpu: 1000, timeout }],
    [{ type: "log", pattern: "x", maxAge: 1000, timeout }],
    [{ type: "exec", command: ["true"], codes: [0], timeout }, 200]
  ]
  console.log("probe     µs of CPU   a second of it")
  for (const [check, rounds = ROUNDS] of checks) {
    const micros = await costs(check, rounds)
    console.log(
      `${check.type.padEnd(8)}${micros.toFixed(0).padStart(11)}${Math.round(1e6 / micros)
        .toString()
        .padStart(17)}`
    )
  }
  servers.disconnect()
  rmSync(folder, { recursive: true })
}
