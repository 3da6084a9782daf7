/** The shop of examples/shop as plain data, so that its policies can be tested without starting anything. */
import { exponential, pool, supervisor, worker } from "supervise"

export default supervisor({
  id: "shop",
  strategy: "RestForOne",
  intensity: 5,
  period: "30 seconds",
  children: [
    worker({ id: "db", start: ["node", "db.js"], shutdown: "30 seconds" }),
    worker({ id: "migrate", start: ["node", "migrate.js"], restart: "transient", ready: "exited" }),
    worker({ id: "web", start: ["node", "web.js"] }),
    pool({ id: "jobs", size: 4, child: worker({ id: "job", start: ["node", "job.js"], backoff: exponential({ cap: "10s" }) }) })
  ]
})
