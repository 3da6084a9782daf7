/**
 * supervise: a list of workers and a pool under the command line of the checkout; the list under the command line as
 * published, bundled and without types; and the list in a program of its own.
 */
import { writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { constant, pool, supervisor, worker } from "../../src/tree/constructors.ts"
import type { TreeSpec, WorkerSpec } from "../../src/tree/Spec.ts"
import { argument, type Contender, type Job, launch } from "../contender.ts"

const bin = resolve(import.meta.dirname, "../../bin/program.js")
const embedding = join(import.meta.dirname, "../programs/embedding.ts")

const limitless = { intensity: 1_000_000, period: "1 second" } as const
const leaf = (job: Job, id: string): WorkerSpec =>
  worker({ id, start: [job.workspace.leaf!, argument(job)], backoff: constant({ delay: "0ms", jitter: 0 }) })

/** A list: each worker starts when the one before is up, and they stop one after the other. */
const list = (job: Job): TreeSpec =>
  supervisor({ id: "bench", ...limitless, children: Array.from({ length: job.leaves }, (_, i) => leaf(job, `leaf${i}`)) })

/**
 * A pool, which starts and stops all at once. The first child comes before it: its report is where boot begins, as for
 * the others.
 */
const first = (job: Job): TreeSpec =>
  supervisor({
    id: "bench",
    ...limitless,
    children: [leaf(job, "first"), pool({ id: "leaves", size: job.leaves - 1, ...limitless, child: leaf(job, "leaf") })]
  })

const write = (job: Job, shape: (job: Job) => TreeSpec): string => {
  const file = join(job.room, "tree.json")
  writeFileSync(file, JSON.stringify(shape(job)))
  return file
}
const start = (shape: (job: Job) => TreeSpec, command: (job: Job) => ReadonlyArray<string>) => (job: Job) =>
  launch(job, process.execPath, [...command(job), write(job, shape)])

const source = () => [bin, "--json"]
const published = ({ workspace }: Job) => [workspace.built(), "--json"]
const program = () => [embedding]

export const supervise: Contender = { name: "supervise", title: "supervise, list", start: start(list, source), stopSignal: "SIGTERM" }
export const pooled: Contender = { name: "pool", title: "supervise, pool", start: start(first, source), stopSignal: "SIGTERM" }
export const built: Contender = { name: "built", title: "supervise, built", start: start(list, published), stopSignal: "SIGTERM" }
export const embedded: Contender = { name: "embedded", title: "supervise, embedded", start: start(list, program), stopSignal: "SIGTERM" }
