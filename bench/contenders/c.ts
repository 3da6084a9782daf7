/** The baseline: vfork, exec, signalfd, and nothing else. */
import { argument, type Contender, launch } from "../contender.ts"

export const c: Contender = {
  name: "c",
  title: "C loop",
  start: (job) => launch(job, job.workspace.loop!, [String(job.leaves), job.workspace.leaf!, argument(job)]),
  stopSignal: "SIGTERM"
}
