/**
 * An MCP client for the terminal: `node ask.js` lists the tools, `node ask.js TOOL '{…}'` uses one, `node ask.js watch`
 * prints notifications.
 */
import { createConnection } from "node:net"
import { eachMessage, SERVER, send } from "./rpc.js"

const [tool, input = "{}"] = process.argv.slice(2)
const request = tool ? { method: "tools/call", params: { name: tool, arguments: JSON.parse(input) } } : { method: "tools/list" }
const watching = tool === "watch"
process.chdir(import.meta.dirname)

function dial() {
  const socket = createConnection(SERVER)
  socket.on("connect", () => {
    send(socket, { id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "ask" } } })
    send(socket, { method: "notifications/initialized" })
    if (!watching) send(socket, { id: 2, ...request })
  })
  eachMessage(socket, watching ? print : answer)
  socket.on("error", ({ message }) => watching || console.error(`The server does not answer (${message}). Is the tree running?`))
  socket.on("close", () => (watching ? setTimeout(dial, 100) : process.exit(1)))
}

const print = ({ method, params }) => method && console.log(method.replace("notifications/", ""), JSON.stringify(params))

function answer({ id, result, error }) {
  if (id !== 2) return
  const text =
    error?.message ?? result.content?.[0].text ?? result.tools.map(({ name, description }) => `${name}: ${description}`).join("\n")
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`, () => process.exit(error || result.isError ? 1 : 0))
}

dial()
