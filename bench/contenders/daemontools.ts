/**
 * daemontools: one supervise for each child, and svscan above them, which takes no more than a thousand. After each
 * start a supervise does nothing for a second; what has run for one is restarted at once.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { argument, type Contender, type Job, launch, needs } from "../contender.ts"
import { packaged, service } from "./service.ts"

const folders = (job: Job): ReadonlyArray<string> => Array.from({ length: job.leaves }, (_, i) => join(job.room, "services", String(i)))

export const daemontools: Contender = {
  name: "daemontools",
  title: "daemontools",
  missing: needs("svscan", "daemontools", "apt-get install daemontools"),
  version: packaged("daemontools"),
  start: (job) => {
    for (const folder of folders(job)) {
      mkdirSync(folder, { recursive: true })
      service(folder, job.workspace.leaf!, argument(job))
    }
    return launch(job, "svscan", [join(job.room, "services")])
  },
  stop: (job) => void spawnSync("svc", ["-dx", ...folders(job)]),
  stopSignal: "SIGTERM",
  settlesAfterMs: 1100
}
