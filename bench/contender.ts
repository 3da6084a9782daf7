/** The port: what a bench must be able to ask of a supervisor, whoever made it. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import type { Ground } from "./Ground.ts"

/** What is to be kept alive. */
export interface Job {
  readonly leaves: number
  /** Does each child live until it is killed, or end at once? */
  readonly leaf: "stays" | "ends"
  /** A folder of its own. */
  readonly room: string
  readonly ground: Ground
}

export interface Contender {
  readonly name: string
  /** What stands in the tables. */
  readonly title: string
  /** Why it is not here and how to get it, as a sentence; undefined when it is here. */
  readonly missing?: () => string | undefined
  readonly version?: () => string | undefined
  /** Starts it in the foreground, with every limit and delay lifted that can be lifted. */
  readonly start: (job: Job) => ChildProcess
  /** What asks it to stop its children and end; null where nothing does. */
  readonly stopSignal: NodeJS.Signals | null
  /** So long a child must have lived for its supervisor to start it again without a delay, in milliseconds. */
  readonly settlesAfterMs?: number
}

/** The argument of the leaf. */
export const argument = ({ leaf, room }: Job, stays: "stays" | "notifies" = "stays"): string =>
  `${leaf === "ends" ? leaf : stays}:${join(room, "reports")}`

/** A process in a session of its own, so that Ctrl-C reaches us alone; what it prints is of no interest. */
export function launch(job: Job, command: string, args: ReadonlyArray<string>, options: SpawnOptions = {}): ChildProcess {
  const env = { ...job.ground.environment, ...options.env }
  return spawn(command, args, { cwd: job.room, stdio: "ignore", detached: true, ...options, env })
}

/** The file a command runs, if it is installed. */
export function installed(command: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(folder, command)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not here.
    }
  }
  return undefined
}

export const needs = (command: string, what: string, get: string) => (): string | undefined =>
  installed(command) === undefined ? `${what} is not here: \`${get}\`.` : undefined
