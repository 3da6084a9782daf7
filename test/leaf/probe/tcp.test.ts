/** Whether a port takes connections. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { expect, it } from "vitest"
import { isItself } from "../../../src/leaf/probe/network.ts"
import { GIVEN_UP } from "../../../src/leaf/probe/ProbeResult.ts"
import { tcp } from "../../../src/tree/constructors.ts"
import { ask, nobodysPort, SHORT, serving } from "./asking.ts"

it("a port that takes connections is well, by number and by name", async () => {
  const port = await serving(() => undefined)
  expect(await ask(tcp(port))).toBeUndefined()
  expect(await ask(tcp(port, { host: "localhost" }))).toBeUndefined()
})

it("so is one that speaks IPv6", async () => {
  const port = await serving(() => undefined, { host: "::1" })
  expect(await ask(tcp(port, { host: "::1" }))).toBeUndefined()
  expect(await ask(tcp(port, { host: "[::1]" }))).toBeUndefined()
})

it("nobody there is a refused connection", async () => {
  const port = await nobodysPort()
  expect(await ask(tcp(port))).toBe(`connection refused by 127.0.0.1:${port}`)
  expect(await ask(tcp(port, { host: "localhost" }))).toBe(`connection refused by localhost:${port}`)
  expect(await ask(tcp(port, { host: "::1" }))).toBe(`connection refused by [::1]:${port}`)
  expect(await ask(tcp(port, { host: "no-such-host.invalid" }))).toMatch(
    /^(nobody knows )?the host of no-such-host\.invalid:\d+( could not be looked up now)?$/
  )
})

/** It listens, and does nothing more for ever: its queue takes two connections. */
const asleep = `require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
  require("node:fs").writeSync(1, String(this.address().port))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

it("a queue that is full is no answer", async () => {
  const child = spawn(process.execPath, ["-e", asleep], { stdio: ["ignore", "pipe", "inherit"] })
  const waiting: Array<Socket> = []
  try {
    const [port] = await once(child.stdout, "data")
    for (let i = 0; i < 8; i++) waiting.push(connect(Number(port), "127.0.0.1").on("error", () => undefined))
    expect(await ask(tcp(Number(port), { timeout: SHORT }))).toBe("did not answer within 50ms")
    const interest = new AbortController()
    const verdict = ask(tcp(Number(port), { timeout: "1 hour" }), {}, interest.signal)
    interest.abort()
    expect(await verdict).toBe(GIVEN_UP)
    expect(await ask(tcp(Number(port)), {}, interest.signal)).toBe(GIVEN_UP)
  } finally {
    for (const socket of waiting) socket.destroy()
    child.kill("SIGKILL")
    await once(child, "close")
  }
})

it("a connection that meets itself is told from one to a server", async () => {
  const port = await nobodysPort()
  const socket = connect({ port, localPort: port, host: "127.0.0.1", localAddress: "127.0.0.1" })
  await once(socket, "connect")
  expect(isItself(socket)).toBe(true)
  socket.destroy()
  const other = connect(await serving(() => undefined), "127.0.0.1")
  await once(other, "connect")
  expect(isItself(other)).toBe(false)
  other.destroy()
})
