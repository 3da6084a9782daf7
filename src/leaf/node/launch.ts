/** A command into a process: environment, descriptors, and what must be right before it is tried. */

import { type ChildProcess, spawn } from "node:child_process"
import { setFlagsFromString } from "node:v8"
import type { SpawnCommand } from "../Spawner.ts"
import type { ReadySign } from "./Output.ts"
import type { Refusal } from "./refusals.ts"

/**
 * A pattern that runs away on a line would stop the whole supervisor: after too many backtracks V8 goes on with an engine that takes linear
 * time. It cannot do so for patterns with look-around or back references.
 */
const LINEAR_WHERE_NEEDED = "--enable-experimental-regexp-engine-on-excessive-backtracks"

/** Descriptors 0, 1 and 2 are taken; more than a few hundred is a mistake, and would cost us an array of that length. */
const READY_FD_LOWEST = 3
const READY_FD_HIGHEST = 255

/** Of our own parent's business with us; a child that inherits them would believe they were meant for it. */
const OURS = ["SUPERVISE_FD", "NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE"]

/** What to wait for in the output, or why that can never come. */
export function readiness({ ready }: SpawnCommand): ReadySign | Refusal {
  if (ready.type === "line") {
    try {
      setFlagsFromString(LINEAR_WHERE_NEEDED)
      return new RegExp(ready.pattern)
    } catch (error) {
      return { errno: "BADREADY", message: `no line can match ${JSON.stringify(ready.pattern)}: ${(error as Error).message}` }
    }
  }
  if (ready.type !== "fd") return undefined
  if (Number.isInteger(ready.fd) && ready.fd >= READY_FD_LOWEST && ready.fd <= READY_FD_HIGHEST) return ready.fd
  const range = `${READY_FD_LOWEST} to ${READY_FD_HIGHEST}`
  return { errno: "BADREADY", message: `descriptor ${ready.fd} cannot tell readiness, only ${range} can` }
}

/** Ours, with what the command sets and removes, and what tells the process who it is. */
export function environment(command: SpawnCommand): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env }
  for (const name of OURS) delete env[name]
  for (const [name, value] of Object.entries(command.env)) {
    if (value === null) delete env[name]
    else env[name] = value
  }
  env.SUPERVISE_PATH = command.path
  env.SUPERVISE_INCARNATION = String(command.incarnation)
  if (command.ready.type === "fd") env.SUPERVISE_FD = String(command.ready.fd)
  return env
}

/**
 * May throw, or answer a child without a pid that tells its error later: Node does it either way, by errno.
 * The child leads its own session and group, so that a stop reaches all of it and Ctrl-C on our terminal none of it.
 */
export function launch(command: SpawnCommand, env: NodeJS.ProcessEnv): ChildProcess {
  const [file, ...args] = command.argv
  const stdio: Array<"ignore" | "pipe"> = ["ignore", "pipe", "pipe"]
  if (command.ready.type === "fd") {
    // Descriptors in between stay closed: from 3 on, "ignore" means that there is none.
    while (stdio.length < command.ready.fd) stdio.push("ignore")
    stdio.push("pipe")
  }
  return spawn(file, args, { cwd: command.cwd, env, detached: true, stdio })
}
