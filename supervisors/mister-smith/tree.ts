/** An AI-agent framework in miniature: messaging that others stand on, a pair that plans, and a pool that works. See README.md. */
import { fd, line, pool, supervisor, worker } from "supervise"

export default ({ env }: { readonly env: { readonly [name: string]: string | undefined } }) => {
  // Relative to this folder, where every agent runs: so two copies never meet, and no path is too long for a socket.
  const agents = { MISTER_SMITH_SOCKET: env.MISTER_SMITH_SOCKET ?? ".supervise/mister-smith/broker.sock" }

  return supervisor({
    id: "RootSupervisor",
    intensity: 3,
    period: "1 minute",
    children: [
      supervisor({
        id: "MessagingSupervisor",
        strategy: "RestForOne", // the router stands on the broker, the gateway on both
        children: [
          worker({ id: "broker", start: ["node", "broker.js"], env: agents, ready: line("^broker ready"), startTimeout: "10 seconds" }),
          worker({ id: "router", start: ["node", "router.js"], env: agents, ready: line("^router ready"), startTimeout: "10 seconds" }),
          worker({ id: "gateway", start: ["node", "gateway.js"], env: agents, ready: fd(), startTimeout: "10 seconds" })
        ]
      }),
      supervisor({
        id: "OrchestrationSupervisor",
        strategy: "OneForAll", // the scheduler numbers what the orchestrator adds up: they begin together or not at all
        children: [
          worker({ id: "orchestrator", start: ["node", "orchestrator.js"], env: agents, ready: fd(), startTimeout: "10 seconds" }),
          worker({
            id: "scheduler",
            start: ["node", "scheduler.js"],
            env: agents,
            ready: line("^scheduler ready"),
            startTimeout: "10 seconds"
          })
        ]
      }),
      pool({
        id: "WorkerPoolSupervisor",
        size: 4,
        intensity: 20, // a lost worker costs a second of one task: be generous
        child: worker({ id: "worker", start: ["node", "worker.js"], env: agents, ready: line("^worker ready"), startTimeout: "10 seconds" })
      })
    ]
  })
}
