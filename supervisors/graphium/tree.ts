/**
 * A control server with a queue of tasks on disk, and two agents that carry them out in processes of their own. See
 * README.md.
 */
import { fd, http, supervisor, worker } from "supervise"

interface Context {
  readonly env: { readonly [name: string]: string | undefined }
}

/** What the server answers on its socket. */
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
    health: asked(context, `/agents/${id}`), // the queue knows: an agent that runs requests work, or renews what it has
    startTimeout: "20 seconds", // it first finds its services again, or starts them
    shutdown: "20 seconds" // it stops them before it exits
  })

export default (context: Context) =>
  supervisor({
    id: "graphium",
    strategy: "RestForOne", // a lease does not outlive its server: the agents restart with it
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
