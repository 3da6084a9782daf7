/**
 * The database: tables in memory, and one JSON per line over TCP, each with its answer. Its port is written to a file.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { dirname } from "node:path"
import { eachMessage, PORT_FILE, send } from "./wire.js"

const tables = new Map() // name → rows

const operations = {
  create: ({ table }) => void tables.set(table, []),
  insert: ({ table, row }) => rows(table)[rows(table).push({ id: rows(table).length + 1, ...row }) - 1],
  select: ({ table }) => rows(table),
  /**
   * The first row equal to `from` becomes `to`, so that no other client takes it. If its client disconnects without a
   * `put`, it is restored.
   */
  take({ table, from, to }, taken) {
    const row = rows(table).find(({ state }) => state === from)
    if (!row) return
    row.state = to
    taken.set(row, from)
    return row
  },
  put({ table, id, state }, taken) {
    const row = rows(table)[id - 1]
    row.state = state
    taken.delete(row)
  }
}

function rows(table) {
  if (!tables.has(table)) throw new Error(`there is no table ${table}`)
  return tables.get(table)
}

const server = createServer((client) => {
  const taken = new Map() // row → the state it had
  eachMessage(client, ({ op, ...what }) => {
    try {
      send(client, { result: operations[op](what, taken) })
    } catch ({ message }) {
      send(client, { error: message })
    }
  })
  client.on("close", () => {
    for (const [row, before] of taken) row.state = before
  })
})

process.once("SIGTERM", () => process.exit(0))
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address()
  mkdirSync(dirname(PORT_FILE), { recursive: true })
  writeFileSync(PORT_FILE, String(port))
  process.on("exit", () => rmSync(PORT_FILE, { force: true }))
  console.log(`listening on ${port}`)
})
