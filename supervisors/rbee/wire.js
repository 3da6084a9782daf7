/** JSON over HTTP on a unix socket for each daemon, and what every daemon shares. */
import { chmodSync, closeSync, lstatSync, mkdirSync, rmSync, writeSync } from "node:fs"
import { request } from "node:http"
import { createConnection } from "node:net"
import { join } from "node:path"

/** By default beside the programs, in a folder of its own. */
const STATE = process.env.RBEE_STATE || ".supervise/rbee"
const socketOf = (name) => join(STATE, `${name}.sock`)

/** The response of the named daemon, as soon as it begins. Rejects with a sentence if there is none. */
export const ask = (name, method, path, { body, signal } = {}) =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath: socketOf(name), method, path, agent: false, signal }, resolve)
    asked.on("error", ({ code }) => reject(new Error(`${name} does not answer (${code})`)))
    asked.end(body && JSON.stringify(body))
  })

/** Listens on its socket, where a dead predecessor may have left a file; never displaces a running one. */
export async function listen(server, name) {
  const path = socketOf(name)
  mkdirSync(STATE, { recursive: true, mode: 0o700 })
  if (await answers(path)) {
    console.error(`${path}: another process already listens there. Stop it, or set RBEE_STATE.`)
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
export function ready(sentence) {
  console.log(sentence)
  const fd = Number(process.env.SUPERVISE_FD)
  if (!(fd > 2)) return
  writeSync(fd, "\n")
  closeSync(fd)
}
