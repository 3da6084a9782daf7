/**
 * A small shop: orders come in over HTTP and are kept in a database in memory; four jobs pack them.
 *
 *   npx supervise examples/shop/tree.ts
 *   curl -d tea http://localhost:8080/orders; curl http://localhost:8080/orders
 *
 * Kill the database, and everything after it is restarted: migrate runs again, because the new database has no tables
 * yet, and web and jobs look up its new port. Kill web, and the jobs are restarted with it; kill a job, and only that
 * job is.
 */
import { exponential, fd, line, pool, supervisor, worker } from "supervise"

export default ({ env }: { readonly env: { readonly [name: string]: string | undefined } }) =>
  supervisor({
    id: "shop",
    strategy: "RestForOne", // a failure restarts the child and those after it
    intensity: 5, // five restarts are allowed …
    period: "30 seconds", // … within thirty seconds; with one more it gives up
    children: [
      worker({ id: "db", start: ["node", "db.js"], ready: line("listening on \\d+"), shutdown: "30 seconds" }),
      worker({ id: "migrate", start: ["node", "migrate.js"], restart: "transient", ready: "exited" }),
      worker({ id: "web", start: ["node", "web.js"], ready: fd(), env: { PORT: env.PORT ?? "8080", DEBUG: null } }),
      pool({ id: "jobs", size: 4, child: worker({ id: "job", start: ["node", "job.js"], backoff: exponential({ cap: "10s" }) }) })
    ]
  })
