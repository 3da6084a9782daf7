/**
 * s6: one s6-supervise for each child. It restarts at once what was ready for a second; anything else waits for that
 * second.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { argument, type Contender, launch, needs } from "../contender.ts"
import { packaged, service } from "./service.ts"

export const s6: Contender = {
  name: "s6",
  title: "s6",
  missing: needs("s6-svscan", "s6", "apt-get install s6"),
  version: packaged("s6"),
  start: (job) => {
    const services = join(job.room, "services")
    for (let i = 0; i < job.leaves; i++) {
      const folder = join(services, String(i))
      mkdirSync(folder, { recursive: true })
      if (job.leaf === "stays") writeFileSync(join(folder, "notification-fd"), "3\n")
      service(folder, job.workspace.leaf!, argument(job, "notifies"))
    }
    return launch(job, "s6-svscan", ["-c", String(job.leaves + 1), services])
  },
  stopSignal: "SIGTERM",
  settlesAfterMs: 1100
}
