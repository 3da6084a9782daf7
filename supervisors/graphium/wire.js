/** JSON over HTTP on a unix socket, and what every program here shares. */
import { chmodSync, closeSync, lstatSync, mkdirSync, rmSync, writeSync } from "node:fs"
import { createServer, request } from "node:http"
import { createConnection } from "node:net"
import { join } from "node:path"
import { text } from "node:stream/consumers"

/** By default beside the programs, in a folder of its own. */
export const STATE = process.env.GRAPHIUM_STATE || ".supervise/graphium"
export const SERVER = join(STATE, "server.sock")

const PATIENCE_MS = 10_000
const BODY_LIMIT = 64 * 1024

/** The caller's mistake, with the status and the sentence of the answer. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/** The server's answer. Rejects with a Refusal if it refuses, and with another error if it does not run. */
export const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath: SERVER, method, path, agent: false, timeout: PATIENCE_MS }, async (response) => {
      try {
        const answer = parse(await text(response))
        response.statusCode < 400 ? resolve(answer) : reject(new Refusal(response.statusCode, answer.error))
      } catch (error) {
        reject(error)
      }
    })
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)))
    asked.on("error", reject).end(body && JSON.stringify(body))
  })

const parse = (json) => (json ? JSON.parse(json) : undefined)

/**
 * `handle(method, path, body)` returns status and answer. Any error but a Refusal is a bug: the program exits, and the
 * tree decides.
 */
export const jsonServer = (handle) =>
  createServer(async (request, response) => {
    const [status, answer] = await read(request)
      .then((body) => handle(request.method, request.url, body))
      .catch((error) => {
        if (error instanceof Refusal) return [error.status, { error: error.message }]
        throw error
      })
    response.writeHead(status, { "content-type": "application/json" }).end(answer && `${JSON.stringify(answer)}\n`)
  })

async function read(request) {
  let body = ""
  try {
    for await (const chunk of request.setEncoding("utf8"))
      if ((body += chunk).length > BODY_LIMIT) throw new Error(`more than ${BODY_LIMIT} characters`)
    return Object(parse(body))
  } catch ({ message }) {
    throw new Refusal(400, `this cannot be read: ${message}`)
  }
}

/** Listens where a dead predecessor may have left its socket file; never displaces a running one. */
export async function listen(server, path) {
  mkdirSync(STATE, { recursive: true, mode: 0o700 })
  if (await answers(path)) {
    console.error(`${path}: another process already listens there. Stop it, or set GRAPHIUM_STATE.`)
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
