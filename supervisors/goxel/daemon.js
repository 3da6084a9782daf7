/** The drawing daemon: keeps the canvas in memory, draws when asked, and says who it is when pinged. It knows nothing of MCP. */
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
