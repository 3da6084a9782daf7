/**
 * The shop's front: `POST /orders` with an order, `GET /orders` for the state of all. Ready by a newline on a
 * descriptor.
 */
import { closeSync, writeSync } from "node:fs"
import { createServer } from "node:http"
import { text } from "node:stream/consumers"
import { connect } from "./wire.js"

const { ask } = connect()

async function answer({ method, url }, item) {
  if (url !== "/orders") return [404, { error: `there is no ${url}` }]
  if (method === "GET") return [200, await ask("select", { table: "orders" })]
  if (method === "POST" && item) return [201, await ask("insert", { table: "orders", row: { item, state: "new" } })]
  return [400, { error: "POST what you want, or GET what there is" }]
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request, await text(request)).catch(({ message }) => [503, { error: message }])
  response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`)
})

process.once("SIGTERM", () => process.exit(0))
server.listen(Number(process.env.PORT), "127.0.0.1", () => {
  console.log(`open at http://127.0.0.1:${server.address().port}/orders`)
  const fd = Number(process.env.SUPERVISE_FD)
  if (!(fd > 2)) return // started by hand
  writeSync(fd, "\n")
  closeSync(fd)
})
