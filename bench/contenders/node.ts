/**
 * What Node itself costs: a loop over `node:child_process`; once ignoring the children's output, and once reading it,
 * as we do.
 */
import { join } from "node:path"
import { argument, type Contender, collecting, type Job, launch } from "../contender.ts"

const loop = join(import.meta.dirname, "../programs/loop.mjs")
const start = (output: "ignore" | "pipe") => (job: Job) =>
  launch(job, process.execPath, [...collecting, loop, String(job.leaves), job.workspace.leaf!, argument(job), output])

export const node: Contender = { name: "node", title: "bare Node", start: start("ignore"), stopSignal: "SIGTERM", collects: true }
export const piped: Contender = { name: "piped", title: "bare Node, reading", start: start("pipe"), stopSignal: "SIGTERM", collects: true }
