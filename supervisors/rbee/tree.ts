/** A chain of LLM daemons in miniature: a keeper asks a queen, the queen a hive, the hive its workers. See README.md. */
import { fd, supervisor, type WorkerSpec, worker } from "supervise"

const daemon = (id: string, program: string, more: Partial<WorkerSpec> = {}) =>
  worker({ id, start: ["node", program, id], ready: fd(), startTimeout: "10 seconds", ...more })

const workers = ["worker-1", "worker-2"]

export default supervisor({
  id: "rbee",
  strategy: "OneForOne", // the keeper stays when all below it is gone: somebody has to say so
  children: [
    supervisor({
      id: "QueenSupervisor",
      strategy: "OneForOne", // all the queen has is who waits; a new one finds the same hive, its workers loaded
      children: [
        supervisor({
          id: "HiveSupervisor",
          strategy: "RestForOne", // the workers speak the model that they have loaded from this hive
          children: [
            daemon("hive", "hive.js", { env: { RBEE_WORKERS: workers.join(" ") } }),
            supervisor({
              id: "WorkerSupervisor",
              strategy: "OneForOne", // they know nothing of each other
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
