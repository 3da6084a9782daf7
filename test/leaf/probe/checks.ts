/** Runs one check, written as in a tree file, for a worker that is this process unless another is named. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net"
import * as Result from "effect/Result"
import { afterEach } from "vitest"
import { checker } from "../../../src/leaf/probe/check.ts"
import type { ProbeResult } from "../../../src/leaf/probe/ProbeResult.ts"
import type { ProbeTarget, RunCheck } from "../../../src/leaf/probe/ProbeTarget.ts"
import { decodeChildResult } from "../../../src/tree/decode.ts"
import type { Probe, ProbeSpec } from "../../../src/tree/Probe.ts"
import type { Worker } from "../../../src/tree/Spec.ts"
import { rootPath } from "../../runtime/processes.ts"

export const decoded = <T extends ProbeSpec["type"]>(spec: ProbeSpec & { readonly type: T }): Extract<Probe, { readonly type: T }> => {
  const worker = Result.getOrThrow(
    decodeChildResult({ type: "worker", id: "web", start: ["web"], health: spec }, { path: "/", kind: "supervisor" })
  ) as Worker
  return worker.health[0] as Extract<Probe, { readonly type: T }>
}

const self: ProbeTarget = {
  path: `${rootPath}/web`,
  incarnation: 1,
  pid: process.pid,
  startTime: 0,
  cwd: "/",
  env: {},
  lastMatch: () => undefined
}

export const never = new AbortController().signal
/** Short enough to wait for in a test of a timeout. */
export const SHORT = "50ms"

export const run = (check: RunCheck, target: Partial<ProbeTarget> = {}, signal = never): Promise<ProbeResult> =>
  check({ ...self, ...target }, signal)
export const runSpec = (spec: ProbeSpec, target: Partial<ProbeTarget> = {}, signal = never): Promise<ProbeResult> =>
  run(checker(decoded(spec)), target, signal)

// ---------------------------------------------------------------- servers

const closers: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** Listens on a free port, or where it is told; closed after the test. */
export async function listening(
  server: Server,
  where: { host?: string; port?: number; path?: string } = { host: "127.0.0.1" }
): Promise<number> {
  const sockets = new Set<Socket>()
  server.on("connection", (socket: Socket) => {
    sockets.add(socket)
    socket.on("error", () => undefined)
    socket.on("close", () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) =>
    server.once("error", reject).listen(where.path === undefined ? { port: 0, ...where } : where, resolve)
  )
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

/** A server that does this with each connection. */
export const serving = (onConnection: (socket: Socket) => void, where?: Parameters<typeof listening>[1]): Promise<number> =>
  listening(createServer(onConnection), where)

/** A port on which nothing listens: it was free a moment ago. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  const port = await new Promise<number>((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)))
  await new Promise((resolve) => server.close(resolve))
  return port
}
