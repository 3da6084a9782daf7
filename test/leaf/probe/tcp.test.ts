/** Whether a port takes connections. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { expect, it } from "vitest"
import { isSelfConnected } from "../../../src/leaf/probe/network.ts"
import { CANCELLED } from "../../../src/leaf/probe/ProbeResult.ts"
import { tcp } from "../../../src/tree/constructors.ts"
import { closedPort, runSpec, SHORT, serving } from "./checks.ts"

it("a port that accepts connections is well, by address and by name", async () => {
  const port = await serving(() => undefined)
  expect(await runSpec(tcp(port))).toBeUndefined()
  expect(await runSpec(tcp(port, { host: "localhost" }))).toBeUndefined()
})

it("so is an IPv6 port", async () => {
  const port = await serving(() => undefined, { host: "::1" })
  expect(await runSpec(tcp(port, { host: "::1" }))).toBeUndefined()
  expect(await runSpec(tcp(port, { host: "[::1]" }))).toBeUndefined()
})

it("a closed port refuses the connection", async () => {
  const port = await closedPort()
  expect(await runSpec(tcp(port))).toBe(`connection refused by 127.0.0.1:${port}`)
  expect(await runSpec(tcp(port, { host: "localhost" }))).toBe(`connection refused by localhost:${port}`)
  expect(await runSpec(tcp(port, { host: "::1" }))).toBe(`connection refused by [::1]:${port}`)
  expect(await runSpec(tcp(port, { host: "no-such-host.invalid" }))).toMatch(
    /^the host of no-such-host\.invalid:\d+ (does not exist|could not be looked up: DNS does not answer)$/
  )
})

/** It listens and never accepts: its queue takes two connections. */
const neverAccepts = `require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
  require("node:fs").writeSync(1, String(this.address().port))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

it("a full queue is no answer", async () => {
  const child = spawn(process.execPath, ["-e", neverAccepts], { stdio: ["ignore", "pipe", "inherit"] })
  const waiting: Array<Socket> = []
  try {
    const [port] = await once(child.stdout, "data")
    for (let i = 0; i < 8; i++) waiting.push(connect(Number(port), "127.0.0.1").on("error", () => undefined))
    expect(await runSpec(tcp(Number(port), { timeout: SHORT }))).toBe("did not answer within 50ms")
    const aborter = new AbortController()
    const result = runSpec(tcp(Number(port), { timeout: "1 hour" }), {}, aborter.signal)
    aborter.abort()
    expect(await result).toBe(CANCELLED)
    expect(await runSpec(tcp(Number(port)), {}, aborter.signal)).toBe(CANCELLED)
  } finally {
    for (const socket of waiting) socket.destroy()
    child.kill("SIGKILL")
    await once(child, "close")
  }
})

it("a connection to itself is told from one to a server", async () => {
  const port = await closedPort()
  const socket = connect({ port, localPort: port, host: "127.0.0.1", localAddress: "127.0.0.1" })
  await once(socket, "connect")
  expect(isSelfConnected(socket)).toBe(true)
  socket.destroy()
  const other = connect(await serving(() => undefined), "127.0.0.1")
  await once(other, "connect")
  expect(isSelfConnected(other)).toBe(false)
  other.destroy()
})
