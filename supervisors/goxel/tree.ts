/**
 * A drawing daemon and the MCP server that agents use. What restarts with what is decided here, not in the server. See
 * README.md.
 */
import { fd, supervisor, unix, worker } from "supervise"

export default ({ env }: { readonly env: { readonly [name: string]: string | undefined } }) => {
  const daemon = env.GOXEL_SOCKET ?? ".supervise/goxel/daemon.sock"
  const server = `${daemon.slice(0, daemon.lastIndexOf("/") + 1)}mcp.sock`
  /** Both answer a ping on their socket: one that accepts a connection and does not answer hangs. */
  const pinged = (socket: string) =>
    unix(socket, {
      send: '{"jsonrpc":"2.0","id":1,"method":"ping"}\n',
      expect: '"result"',
      interval: `${Number(env.GOXEL_HEALTH_MS || 2000)} millis`,
      timeout: "2 seconds"
    })

  return supervisor({
    id: "goxel",
    strategy: "RestForOne", // the server needs the daemon; the daemon and its canvas do not notice a new server
    intensity: 5,
    period: "1 minute",
    children: [
      worker({ id: "daemon", start: ["node", "daemon.js"], ready: fd(), startTimeout: "10 seconds", health: pinged(daemon) }),
      worker({ id: "server", start: ["node", "server.js"], ready: fd(), startTimeout: "10 seconds", health: pinged(server) })
    ]
  })
}
