/** One JSON object per line over unix sockets, and what every agent shares. */
import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs"
import { createConnection, Socket } from "node:net"
import { dirname, join } from "node:path"

/** By default beside the programs, in a folder of its own. */
export const BROKER = process.env.MISTER_SMITH_SOCKET ?? ".supervise/mister-smith/broker.sock"
export const GATEWAY = join(dirname(BROKER), "gateway.sock")

const LINE_LIMIT = 1024 * 1024
const BACKLOG_LIMIT = 8 * 1024 * 1024

/** Sends if connected. A peer that does not read is disconnected before its backlog fills our memory. */
export function send(socket, message) {
  if (socket.connecting || !socket.writable) return
  socket.write(`${JSON.stringify(message)}\n`)
  if (socket.writableLength > BACKLOG_LIMIT) socket.destroy()
}

/** Calls `handle` with every object that arrives; anything else arrives as an empty object. */
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
    return Object(JSON.parse(line))
  } catch {
    return {}
  }
}

/** Listens where a dead predecessor may have left its socket file; never displaces a running one. */
export async function listen(server, path) {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (await answers(path)) {
    console.error(`${path}: another process already listens there. Stop it, or set MISTER_SMITH_SOCKET.`)
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

/**
 * Reports readiness in both ways the supervisor may use: a line, and a newline on the descriptor it named. From then on
 * it beats there, as often as requested, from the loop that does all its work. An agent that computes without a pause,
 * or waits forever, does not beat.
 */
export function ready(text) {
  console.log(text)
  const fd = Number(process.env.SUPERVISE_FD)
  if (!(fd > 2)) return
  const supervisor = new Socket({ fd, readable: false }).on("error", () => {}).unref() // does not block, as a plain write would
  const every = Number(process.env.SUPERVISE_BEAT_MS)
  const beat = () => `beat ${process.hrtime.bigint() / 1000n}\n`
  supervisor.write(every > 0 ? `\n${beat()}` : "\n")
  if (every > 0) setInterval(() => supervisor.writableLength === 0 && supervisor.write(beat()), every).unref()
}
