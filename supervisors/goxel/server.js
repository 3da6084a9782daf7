/**
 * The MCP server: a client's only way to the daemon. It also tells every client what happens to the daemon, in the
 * notifications `started`, `stopped` and `health`.
 */
import { once } from "node:events"
import { createServer } from "node:net"
import { Link, PING_MS } from "./link.js"
import { BAD_PARAMS, DAEMON, listen, RpcError, ready, SERVER, send, serve } from "./rpc.js"
import { isTool, list, use } from "./tools.js"

const link = new Link()
const clients = new Set()
const tell = (event, params) => clients.forEach((client) => void send(client, { method: `notifications/${event}`, params }))

link.on("started", ({ pid }) => tell("started", { pid }))
link.on("stopped", ({ pid }) => tell("stopped", { pid, because: "the daemon has gone" }))

const methodsFor = (client) => ({
  initialize: () => ({
    protocolVersion: "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "goxel", version: "1.0.0" }
  }),
  "notifications/initialized"() {
    clients.add(client)
    if (link.daemon) send(client, { method: "notifications/started", params: { pid: link.daemon.pid } }) // it connected after the daemon had started
  },
  ping: () => ({}),
  "tools/list": () => ({ tools: list }),
  async "tools/call"({ name, arguments: input }) {
    if (!isTool(name)) throw new RpcError(BAD_PARAMS, `there is no tool ${name}`)
    try {
      const result = await use(link, name, input)
      return typeof result === "string" ? content(result) : { ...content(JSON.stringify(result)), structuredContent: result }
    } catch ({ message }) {
      return { ...content(message), isError: true } // so that the agent can read it and try again
    }
  }
})
const content = (text) => ({ content: [{ type: "text", text }] })

async function beat() {
  tell("health", await link.health())
  setTimeout(beat, PING_MS)
}

process.once("SIGTERM", () => {
  if (link.daemon) tell("stopped", { pid: link.daemon.pid, because: "the server stops" })
  process.exit(0)
})
await once(link.dial(DAEMON), "started")
const server = createServer((client) => {
  serve(client, methodsFor(client))
  client.on("close", () => clients.delete(client))
})
server.maxConnections = 100
await listen(server, SERVER)
beat()
ready(`server ready on ${SERVER}`)
