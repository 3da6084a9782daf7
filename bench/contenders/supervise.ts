/**
 * supervise: a list of workers on the keeper and on Node's own spawn, and a pool, under the command line of the
 * checkout; the list under the command line as published, bundled and without types; and the list in a program of its
 * own.
 */
import { writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import type { SpawnerName } from "../../src/leaf/Spawners.ts"
import { constant, pool, supervisor, worker } from "../../src/tree/constructors.ts"
import type { TreeSpec, WorkerSpec } from "../../src/tree/Spec.ts"
import { argument, type Contender, collecting, type Job, launch } from "../contender.ts"

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

const supervised = (name: string, title: string, spawner: SpawnerName, start: Contender["start"]): Contender => ({
  name,
  title: `supervise, ${title}`,
  missing: () => (spawner === "keeper" ? missingKeeper() : undefined),
  start,
  stopSignal: "SIGTERM",
  collects: true
})
const missingKeeper = (): string | undefined =>
  typeof keeperProgram() === "string" ? undefined : "The keeper is not built: `npm run keeper`."

const cli = (program: (job: Job) => string, spawner: SpawnerName, shape: (job: Job) => TreeSpec) => (job: Job) =>
  launch(job, process.execPath, [...collecting, program(job), "--json", "--spawner", spawner, write(job, shape)])
const source = () => bin
const published = ({ workspace }: Job) => workspace.built()
const embeds = (job: Job) => launch(job, process.execPath, [...collecting, embedding, write(job, list), "keeper"])

export const supervise = supervised("supervise", "keeper", "keeper", cli(source, "keeper", list))
export const portable = supervised("portable", "node", "node", cli(source, "node", list))
export const pooled = supervised("pool", "pool", "keeper", cli(source, "keeper", first))
export const built = supervised("built", "built", "keeper", cli(published, "keeper", list))
export const embedded = supervised("embedded", "embedded", "keeper", embeds)
