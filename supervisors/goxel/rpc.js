/** JSON-RPC 2.0, one message per line over unix sockets: between clients and server, and between server and daemon. */
import { chmodSync, closeSync, lstatSync, mkdirSync, rmSync, writeSync } from "node:fs"
import { createConnection } from "node:net"
import { dirname, join } from "node:path"

/** By default beside the programs, in a folder of its own. */
export const DAEMON = process.env.GOXEL_SOCKET ?? ".supervise/goxel/daemon.sock"
export const SERVER = join(dirname(DAEMON), "mcp.sock")

const LINE_LIMIT = 1024 * 1024 // a full canvas, exported, is about half of it
const BACKLOG_LIMIT = 8 * 1024 * 1024

/** An error with one of the protocol's codes: the caller's mistake rather than a failure here. */
export class RpcError extends Error {
  constructor(code, message) {
    super(message)
    this.code = code
  }
}
const NOT_JSON = -32700
const NOT_A_REQUEST = -32600
const NO_SUCH_METHOD = -32601
export const BAD_PARAMS = -32602
const OURS = -32603

/** Sends if connected. A peer that does not read is disconnected before its backlog fills our memory. */
export function send(socket, message) {
  if (socket.connecting || !socket.writable) return
  socket.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`)
  if (socket.writableLength > BACKLOG_LIMIT) socket.destroy()
}

/** Calls `handle` with every message that arrives, and with `undefined` for a line that is not JSON. */
export function eachMessage(socket, handle) {
  let rest = ""
  socket.setEncoding("utf8")
  socket.on("data", (chunk) => {
    const lines = (rest + chunk).split("\n")
    rest = lines.pop()
    if (rest.length > LINE_LIMIT) return socket.destroy()
    for (const line of lines) handle(parse(line))
  })
  socket.on("error", () => {}) // "close" follows and is handled
}

function parse(line) {
  try {
    return JSON.parse(line)
  } catch {}
}

/**
 * Answers the requests on this socket with these methods. A message without an id is a notification, and gets no
 * answer.
 */
export function serve(socket, methods) {
  eachMessage(socket, async (request) => {
    const { id, method, params } = Object(request)
    try {
      if (request === undefined) throw new RpcError(NOT_JSON, "this line is not JSON")
      if (typeof method !== "string") throw new RpcError(NOT_A_REQUEST, "this is not a request: it has no method")
      if (!Object.hasOwn(methods, method)) throw new RpcError(NO_SUCH_METHOD, `there is no method ${method}`)
      const result = await methods[method](Object(params))
      if (id !== undefined) send(socket, { id, result })
    } catch (error) {
      const code = error instanceof RpcError ? error.code : OURS
      if (id !== undefined || typeof method !== "string") send(socket, { id: id ?? null, error: { code, message: error.message } })
    }
  })
}

/** Listens where a dead predecessor may have left its socket file; never displaces a running one. */
export async function listen(server, path) {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (await answers(path)) {
    console.error(`${path}: another process already listens there. Stop it, or set GOXEL_SOCKET.`)
    process.exit(1)
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path)
  await new Promise((resolve, reject) => server.once("error", reject).listen(path, resolve))
  chmodSync(path, 0o600)
  process.on("exit", () => rmSync(path, { force: true }))
}

const answers = (path) =>
  new Promise((resolve) => {
    const socket = createConnection(path)
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false))
    socket.on("connect", () => socket.destroy())
  })

/** Reports readiness to the supervisor by a newline on the descriptor it named, and to people by a line. */
export function ready(text) {
  console.log(text)
  const fd = Number(process.env.SUPERVISE_FD)
  if (!(fd > 2)) return
  writeSync(fd, "\n")
  closeSync(fd)
}
