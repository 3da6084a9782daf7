/** How the shop talks to its database: one JSON per line. */
import { readFileSync } from "node:fs"
import { createConnection } from "node:net"

export const PORT_FILE = process.env.SHOP_DB_PORT_FILE ?? ".supervise/shop/db.port"

export const send = (socket, message) => socket.write(`${JSON.stringify(message)}\n`)

export function eachMessage(socket, handle) {
  let rest = ""
  socket.setEncoding("utf8")
  socket.on("data", (chunk) => {
    const lines = (rest + chunk).split("\n")
    rest = lines.pop()
    for (const line of lines) handle(JSON.parse(line))
  })
  socket.on("error", () => {}) // "close" follows
}

/**
 * Connects to the database. Nothing reconnects when it is gone: the tree starts this program again when there is
 * another.
 */
export function connect() {
  const socket = createConnection(Number(readFileSync(PORT_FILE, "utf8")), "127.0.0.1")
  const waiting = [] // it answers in the order in which it is asked
  let gone
  eachMessage(socket, ({ result, error }) => {
    const { resolve, reject } = waiting.shift()
    error === undefined ? resolve(result) : reject(new Error(error))
  })
  socket.on("close", () => {
    gone = new Error("the database has gone")
    for (const { reject } of waiting.splice(0)) reject(gone)
  })
  const ask = (op, what) =>
    new Promise((resolve, reject) => {
      if (gone) return reject(gone)
      waiting.push({ resolve, reject })
      send(socket, { op, ...what })
    })
  return { ask, close: () => socket.end() }
}
