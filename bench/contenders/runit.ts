/**
 * runit: one runsv for each child. It restarts at once what has run for a second; anything else waits for that second.
 */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { argument, type Contender, launch, needs } from "../contender.ts"
import { packaged, service } from "./service.ts"

export const runit: Contender = {
  name: "runit",
  title: "runit",
  missing: needs("runsvdir", "runit", "apt-get install --no-install-recommends runit"),
  version: packaged("runit"),
  start: (job) => {
    const services = join(job.room, "services")
    for (let i = 0; i < job.leaves; i++) {
      const folder = join(services, String(i))
      mkdirSync(folder, { recursive: true })
      service(folder, job.workspace.leaf!, argument(job))
    }
    return launch(job, "runsvdir", [services])
  },
  stopSignal: "SIGHUP",
  settlesAfterMs: 1100
}
