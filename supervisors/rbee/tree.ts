/** A small chain of LLM daemons: a keeper asks a queen, the queen a hive, the hive its workers. See README.md. */
import { fd, http, supervisor, type WorkerSpec, worker } from "supervise"

interface Context {
  readonly env: { readonly [name: string]: string | undefined }
}

/**
 * Each answers for itself at /alive, and is restarted when it does not; and for everything below it at /health, which
 * is only shown, because restarting it would not help.
 */
const daemons =
  ({ env }: Context) =>
  (id: string, program: string, more: Partial<WorkerSpec> = {}) => {
    const socket = `${env.RBEE_STATE || ".supervise/rbee"}/${id}.sock`
    const interval = `${Number(env.RBEE_HEALTH_MS || 2000)} millis` as const
    return worker({
      id,
      start: ["node", program, id],
      ready: fd(),
      startTimeout: "10 seconds",
      health: [
        http("http://rbee/alive", { socket, interval, timeout: "2 seconds" }),
        http("http://rbee/health", { socket, interval: "5 seconds", timeout: "5 seconds", onFailure: "report" })
      ],
      ...more
    })
  }

const workers = ["worker-1", "worker-2"]

export default (context: Context) => {
  const daemon = daemons(context)
  return supervisor({
    id: "rbee",
    strategy: "OneForOne", // the keeper stays when everything below it is gone, to report that
    children: [
      supervisor({
        id: "QueenSupervisor",
        strategy: "OneForOne", // the queen only has waiting questions; a new one finds the same hive with its workers loaded
        children: [
          supervisor({
            id: "HiveSupervisor",
            strategy: "RestForOne", // the workers use the model that they loaded from this hive
            children: [
              daemon("hive", "hive.js", { env: { RBEE_WORKERS: workers.join(" ") } }),
              supervisor({
                id: "WorkerSupervisor",
                strategy: "OneForOne", // they are independent
                intensity: 3,
                children: workers.map((id) => daemon(id, "worker.js"))
              })
            ]
          }),
          daemon("queen", "queen.js")
        ]
      }),
      daemon("keeper", "keeper.js")
    ]
  })
}
