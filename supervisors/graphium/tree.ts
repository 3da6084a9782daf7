/** A control server with a queue of tasks on disk, and two agents that carry them out on processes of their own. See README.md. */
import { fd, http, supervisor, worker } from "supervise"

interface Context {
  readonly env: { readonly [name: string]: string | undefined }
}

/** What the server says at its socket. */
const asked = ({ env }: Context, path: string) =>
  http(`http://graphium${path}`, {
    socket: `${env.GRAPHIUM_STATE || ".supervise/graphium"}/server.sock`,
    interval: `${Number(env.GRAPHIUM_HEALTH_MS || 2000)} millis`,
    timeout: "2 seconds"
  })

const agent = (context: Context, id: string) =>
  worker({
    id,
    start: ["node", "agent.js", id],
    ready: fd(),
    health: asked(context, `/agents/${id}`), // it is the queue that knows: who lives asks it for work, or renews what it has
    startTimeout: "20 seconds", // it finds its services again first, or starts them
    shutdown: "20 seconds" // it stops them before it goes
  })

export default (context: Context) =>
  supervisor({
    id: "graphium",
    strategy: "RestForOne", // a lease does not outlive the server that gave it: whoever holds one falls with the server
    intensity: 5,
    period: "1 minute",
    children: [
      worker({
        id: "server",
        start: ["node", "server.js"],
        ready: fd(),
        startTimeout: "10 seconds",
        shutdown: "20 seconds",
        health: asked(context, "/services")
      }),
      supervisor({
        id: "agents",
        strategy: "OneForOne",
        intensity: 10,
        period: "1 minute",
        children: [agent(context, "north"), agent(context, "south")]
      })
    ]
  })
