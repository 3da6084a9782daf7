/**
 * The gateway: the entrance for clients. `{"kind":"primes","input":100}` on its socket is answered `{"result":25}`; an
 * `id` is returned unchanged.
 */
import { createServer } from "node:net"
import { connect } from "./connect.js"
import { eachMessage, GATEWAY, listen, ready, send } from "./wire.js"

process.once("SIGTERM", () => process.exit(0))
const { ask } = await connect()
const server = createServer((client) => {
  eachMessage(client, ({ id, kind, input }) =>
    ask("requests", { kind, input }).then(
      (result) => send(client, { id, result }),
      (error) => send(client, { id, error: error.message })
    )
  )
})
server.maxConnections = 100
await listen(server, GATEWAY)
ready(`gateway ready on ${GATEWAY}`)
