/** Sends the framework a request: `node ask.js primes 1000000`, `node ask.js words "to be or not"`. */
import { createConnection } from "node:net"
import { eachMessage, GATEWAY, send } from "./wire.js"

const [kind, word] = process.argv.slice(2)
const input = kind === "primes" ? Number(word) : word
process.chdir(import.meta.dirname)
const socket = createConnection(GATEWAY)
socket.on("connect", () => send(socket, { kind, input }))
socket.on("error", ({ message }) => console.error(`The gateway does not answer (${message}). Is the tree running?`))
socket.on("close", () => process.exit(1))
eachMessage(socket, ({ result, error }) => {
  console.log(error ?? result)
  process.exit(error === undefined ? 0 : 1)
})
