/** The port: what a bench needs from any supervisor. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import type { Workspace } from "./Workspace.ts"

/** What is to be kept running. */
export interface Job {
  readonly leaves: number
  /** Whether each child runs until it is killed, or exits at once. */
  readonly leaf: "stays" | "ends"
  /** A folder of its own. */
  readonly room: string
  readonly workspace: Workspace
}

export interface Contender {
  readonly name: string
  /** Its name in the tables. */
  readonly title: string
  /** Why it is not installed and how to get it, as a sentence; undefined if it is installed. */
  readonly missing?: () => string | undefined
  readonly version?: () => string | undefined
  /** Starts it in the foreground, with every limit and delay removed that can be removed. */
  readonly start: (job: Job) => ChildProcess
  /** The signal that makes it stop its children and exit; null if there is none. */
  readonly stopSignal: NodeJS.Signals | null
  /** Stops it where a signal to what was started is not enough. Then `stopSignal` is sent, too. */
  readonly stop?: (job: Job) => void
  /** The file name of the supervisor's program, if what is started only makes a namespace around it. */
  readonly inside?: string
  /** SIGUSR1 makes it collect its garbage. */
  readonly collects?: boolean
  /** How long a child must have run for its supervisor to restart it without a delay, in milliseconds. */
  readonly settlesAfterMs?: number
}

/** The argument of the leaf. */
export const argument = ({ leaf, room }: Job, stays: "stays" | "notifies" = "stays"): string =>
  `${leaf === "ends" ? leaf : stays}:${join(room, "reports")}`

/** The options of a Node that collects its garbage when it is asked to. */
export const collecting: ReadonlyArray<string> = ["--expose-gc", "--import", join(import.meta.dirname, "programs/collect.mjs")]

/** A process in a session of its own, so that Ctrl-C reaches only us; its output is ignored. */
export function launch(job: Job, command: string, args: ReadonlyArray<string>, options: SpawnOptions = {}): ChildProcess {
  const env = { ...job.workspace.environment, ...options.env }
  return spawn(command, args, { cwd: job.room, stdio: "ignore", detached: true, ...options, env })
}

/** The file that a command runs, if it is installed. */
export function installed(command: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(folder, command)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not in this folder.
    }
  }
  return undefined
}

export const needs = (command: string, what: string, get: string) => (): string | undefined =>
  installed(command) === undefined ? `${what} is not here: \`${get}\`.` : undefined
