/** Whether a unix socket accepts connections and answers as expected. */
import { writeFileSync } from "node:fs"
import type { Socket } from "node:net"
import { join } from "node:path"
import { expect, it } from "vitest"
import { unix } from "../../../src/tree/constructors.ts"
import { temporaryFolder } from "../../runtime/processes.ts"
import { runSpec, SHORT, serving } from "./checks.ts"

const onSocket = async (onConnection: (socket: Socket) => void): Promise<{ readonly cwd: string }> => {
  const cwd = temporaryFolder()
  await serving(onConnection, { path: join(cwd, "app.sock") })
  return { cwd }
}

it("a socket that accepts connections is well, by a path relative to the worker's folder or an absolute one", async () => {
  const target = await onSocket(() => undefined)
  expect(await runSpec(unix("app.sock"), target)).toBeUndefined()
  expect(await runSpec(unix(join(target.cwd, "app.sock")))).toBeUndefined()
})

it("sends its text and waits for the expected answer, in any number of pieces", async () => {
  const heard: Array<string> = []
  const target = await onSocket((socket) =>
    socket.on("data", (chunk) => {
      heard.push(String(chunk))
      socket.write("PO", () => setImmediate(() => socket.write("NG\r\n")))
    })
  )
  expect(await runSpec(unix("app.sock", { send: "PING\r\n", expect: "^PONG" }), target)).toBeUndefined()
  expect(await runSpec(unix("app.sock", { send: "PING\r\n" }), target)).toBeUndefined()
  expect(heard[0]).toBe("PING\r\n")
  expect(await runSpec(unix("app.sock", { send: "PING\r\n", expect: "OK", timeout: "2s" }), target)).toBe(
    'answered "PONG", which does not match /OK/'
  )
})

it("no answer, a wrong answer and a closed connection are told apart", async () => {
  expect(await runSpec(unix("app.sock", { expect: "x", timeout: SHORT }), await onSocket(() => undefined))).toBe(
    "did not answer within 50ms"
  )
  const silent = await onSocket((socket) => socket.end())
  expect(await runSpec(unix("app.sock", { expect: "x" }), silent)).toBe("socket app.sock closed the connection without an answer")
  const busy = await onSocket((socket) => socket.end("-ERR busy\n"))
  expect(await runSpec(unix("app.sock", { expect: "^\\+OK" }), busy)).toBe('answered "-ERR busy", which does not match /^\\+OK/')
  const endless = await onSocket((socket) => void socket.write("y".repeat(4 * 1024)))
  expect(await runSpec(unix("app.sock", { expect: "x", timeout: "1 hour" }), endless)).toMatch(
    /^answered "y{59}…", which does not match \/x\/$/
  )
})

it("a missing socket, one without a server, and a path that is too long", async () => {
  const cwd = temporaryFolder()
  expect(await runSpec(unix("app.sock"), { cwd })).toBe("there is no socket app.sock")
  writeFileSync(join(cwd, "app.sock"), "")
  expect(await runSpec(unix("app.sock"), { cwd })).toBe("connection refused by socket app.sock")
  expect(await runSpec(unix("x".repeat(107)), { cwd: "/" })).toBe("the path of its socket is too long: 108 bytes, at most 107 are possible")
})
