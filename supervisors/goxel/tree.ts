/** A drawing daemon and the MCP server that agents draw through. Who restarts with whom is said here, not in the server. See README.md. */
import { fd, supervisor, worker } from "supervise"

export default supervisor({
  id: "goxel",
  strategy: "RestForOne", // the server stands on the daemon; the daemon, and what is drawn in it, does not notice a new server
  intensity: 5,
  period: "1 minute",
  children: [
    worker({ id: "daemon", start: ["node", "daemon.js"], ready: fd(), startTimeout: "10 seconds" }),
    worker({ id: "server", start: ["node", "server.js"], ready: fd(), startTimeout: "10 seconds" })
  ]
})
