/** A control server with a queue of tasks on disk, and two agents that carry them out on processes of their own. See README.md. */
import { fd, supervisor, worker } from "supervise"

const agent = (id: string) =>
  worker({
    id,
    start: ["node", "agent.js", id],
    ready: fd(),
    startTimeout: "20 seconds", // it finds its services again first, or starts them
    shutdown: "20 seconds" // it stops them before it goes
  })

export default supervisor({
  id: "graphium",
  strategy: "RestForOne", // a lease does not outlive the server that gave it: whoever holds one falls with the server
  intensity: 5,
  period: "1 minute",
  children: [
    worker({ id: "server", start: ["node", "server.js"], ready: fd(), startTimeout: "10 seconds", shutdown: "20 seconds" }),
    supervisor({ id: "agents", strategy: "OneForOne", intensity: 10, period: "1 minute", children: [agent("north"), agent("south")] })
  ]
})
