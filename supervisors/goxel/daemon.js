/** The drawing daemon: keeps the canvas in memory, draws on request, and answers pings. It knows nothing of MCP. */
import { createServer } from "node:net"
import { count, drawing } from "./canvas.js"
import { DAEMON, listen, ready, serve } from "./rpc.js"

const startedAt = new Date().toISOString()
const ping = () => ({ pid: process.pid, started_at: startedAt, voxels: count() })

process.once("SIGTERM", () => process.exit(0))
await listen(
  createServer((socket) => serve(socket, { ...drawing, ping })),
  DAEMON
)
ready(`daemon ready on ${DAEMON}`)
