/** A command into a process: environment, descriptors, and what must be right before it is tried. */

import { type ChildProcess, spawn } from "node:child_process"
import type { SpawnError } from "../os/spawnErrors.ts"
import { compile } from "../pattern.ts"
import type { Life, SpawnCommand } from "../Spawner.ts"
import type { ReadySign } from "./Output.ts"

/** Descriptors 0, 1 and 2 are taken; more than a few hundred is a mistake, and would cost us an array of that length. */
const READY_FD_LOWEST = 3
const READY_FD_HIGHEST = 255
/** Where heartbeats come if readiness does not come on a descriptor. */
const BEATS_FD = 3

/** Of our own parent's business with us; a child that inherits them would believe they were meant for it. */
const OURS = ["SUPERVISE_FD", "SUPERVISE_BEAT_MS", "NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE"]

/** What to wait for in the output, or why that can never come. */
export function readiness({ ready }: SpawnCommand): ReadySign | SpawnError {
  if (ready.type === "line") {
    try {
      return compile(ready.pattern)
    } catch (error) {
      return { errno: "BADREADY", message: `no line can match ${JSON.stringify(ready.pattern)}: ${(error as Error).message}` }
    }
  }
  if (ready.type !== "fd") return undefined
  if (Number.isInteger(ready.fd) && ready.fd >= READY_FD_LOWEST && ready.fd <= READY_FD_HIGHEST) return ready.fd
  const range = `${READY_FD_LOWEST} to ${READY_FD_HIGHEST}`
  return { errno: "BADREADY", message: `descriptor ${ready.fd} cannot tell readiness, only ${range} can` }
}

/** The descriptor on which it says that it is ready, or that it is alive, or both. */
export function channel({ ready, beatMs }: SpawnCommand): number | undefined {
  if (ready.type === "fd") return ready.fd
  return beatMs === undefined ? undefined : BEATS_FD
}

/** Of a leaf; it is also told on which descriptor to say that it is ready, or that it is alive. */
export function environment(command: SpawnCommand): NodeJS.ProcessEnv {
  const env = environmentOf(command)
  const fd = channel(command)
  if (fd !== undefined) env.SUPERVISE_FD = String(fd)
  if (command.beatMs !== undefined) env.SUPERVISE_BEAT_MS = String(command.beatMs)
  return env
}

/** Ours, with what the worker sets and removes, and what tells the process whose it is. */
export function environmentOf({ env: own, path, incarnation }: Life & Pick<SpawnCommand, "env">): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env }
  for (const name of OURS) delete env[name]
  for (const [name, value] of Object.entries(own)) {
    if (value === null) delete env[name]
    else env[name] = value
  }
  env.SUPERVISE_PATH = path
  env.SUPERVISE_INCARNATION = String(incarnation)
  return env
}

/**
 * May throw, or answer a child without a pid that tells its error later: Node does it either way, by errno.
 * The child leads its own session and group, so that a stop reaches all of it and Ctrl-C on our terminal none of it.
 */
export function launch(command: SpawnCommand, env: NodeJS.ProcessEnv): ChildProcess {
  const [file, ...args] = command.argv
  const stdio: Array<"ignore" | "pipe"> = ["ignore", "pipe", "pipe"]
  const fd = channel(command)
  if (fd !== undefined) {
    // Descriptors in between stay closed: from 3 on, "ignore" means that there is none.
    while (stdio.length < fd) stdio.push("ignore")
    stdio.push("pipe")
  }
  return spawn(file, args, { cwd: command.cwd, env, detached: true, stdio })
}
