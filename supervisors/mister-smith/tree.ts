/**
 * A small AI-agent framework: messaging that the others need, a pair that plans, and a pool that works. See README.md.
 */
import { fd, line, pool, type ReadySpec, supervisor, worker } from "supervise"

export default ({ env }: { readonly env: { readonly [name: string]: string | undefined } }) => {
  // Relative to this folder, in which every agent runs: so two copies never meet, and no path is too long for a socket.
  const variables = { MISTER_SMITH_SOCKET: env.MISTER_SMITH_SOCKET ?? ".supervise/mister-smith/broker.sock" }
  const agent = (id: string, ready: ReadySpec = line(`^${id} ready`)) =>
    worker({
      id,
      start: ["node", `${id}.js`],
      env: variables,
      ready,
      startTimeout: "10 seconds",
      heartbeat: { every: "1 second" } // from the loop that does its work; which delays are unusual is learned
    })

  return supervisor({
    id: "RootSupervisor",
    intensity: 3,
    period: "1 minute",
    children: [
      supervisor({
        id: "MessagingSupervisor",
        strategy: "RestForOne", // the router needs the broker, the gateway needs both
        children: [agent("broker"), agent("router"), agent("gateway", fd())]
      }),
      supervisor({
        id: "OrchestrationSupervisor",
        strategy: "OneForAll", // the scheduler numbers what the orchestrator adds up: they start together or not at all
        children: [agent("orchestrator", fd()), agent("scheduler")]
      }),
      pool({
        id: "WorkerPoolSupervisor",
        size: 4,
        intensity: 20, // a lost worker costs a second of one task, so many are allowed
        child: agent("worker")
      })
    ]
  })
}
