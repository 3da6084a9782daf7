/** Whether a socket in the file system takes connections, and says what it should. */
import { writeFileSync } from "node:fs"
import type { Socket } from "node:net"
import { join } from "node:path"
import { expect, it } from "vitest"
import { unix } from "../../../src/tree/constructors.ts"
import { temporaryFolder } from "../../runtime/processes.ts"
import { ask, SHORT, serving } from "./asking.ts"

const onSocket = async (how: (socket: Socket) => void): Promise<{ readonly cwd: string }> => {
  const cwd = temporaryFolder()
  await serving(how, { path: join(cwd, "app.sock") })
  return { cwd }
}

it("a socket that takes connections is well, by a path relative to the worker's folder or from the root", async () => {
  const target = await onSocket(() => undefined)
  expect(await ask(unix("app.sock"), target)).toBeUndefined()
  expect(await ask(unix(join(target.cwd, "app.sock")))).toBeUndefined()
})

it("says what it is to say, and waits for what is to come, in however many pieces", async () => {
  const heard: Array<string> = []
  const target = await onSocket((socket) =>
    socket.on("data", (chunk) => {
      heard.push(String(chunk))
      socket.write("PO", () => setImmediate(() => socket.write("NG\r\n")))
    })
  )
  expect(await ask(unix("app.sock", { send: "PING\r\n", expect: "^PONG" }), target)).toBeUndefined()
  expect(await ask(unix("app.sock", { send: "PING\r\n" }), target)).toBeUndefined()
  expect(heard[0]).toBe("PING\r\n")
  expect(await ask(unix("app.sock", { send: "PING\r\n", expect: "OK", timeout: "2s" }), target)).toBe(
    'answered "PONG", which does not match /OK/'
  )
})

it("no answer, another one, and the end before any are told apart", async () => {
  expect(await ask(unix("app.sock", { expect: "x", timeout: SHORT }), await onSocket(() => undefined))).toBe("did not answer within 50ms")
  const silent = await onSocket((socket) => socket.end())
  expect(await ask(unix("app.sock", { expect: "x" }), silent)).toBe("socket app.sock closed the connection without an answer")
  const busy = await onSocket((socket) => socket.end("-ERR busy\n"))
  expect(await ask(unix("app.sock", { expect: "^\\+OK" }), busy)).toBe('answered "-ERR busy", which does not match /^\\+OK/')
  const endless = await onSocket((socket) => void socket.write("y".repeat(64 * 1024)))
  expect(await ask(unix("app.sock", { expect: "x", timeout: "1 hour" }), endless)).toMatch(
    /^answered "y{59}…", which does not match \/x\/$/
  )
})

it("no socket, none that anybody listens on, and a path that is too long", async () => {
  const cwd = temporaryFolder()
  expect(await ask(unix("app.sock"), { cwd })).toBe("there is no socket app.sock")
  writeFileSync(join(cwd, "app.sock"), "")
  expect(await ask(unix("app.sock"), { cwd })).toBe("connection refused by socket app.sock")
  expect(await ask(unix("x".repeat(107)), { cwd: "/" })).toBe("the path of its socket is too long: 108 bytes, 107 are possible")
})
