/** Starts the process of a command, and checks first what Node would not. */
import { type ChildProcess, spawn } from "node:child_process"
import { compile } from "../../tree/pattern.ts"
import { notifyFd } from "../os/environment.ts"
import type { SpawnError } from "../os/spawnErrors.ts"
import type { SpawnCommand } from "../Spawner.ts"
import type { ReadySign } from "./Output.ts"

/** 0, 1 and 2 are taken. More than a few hundred is a mistake, and would cost an array of that length. */
const READY_FD_LOWEST = 3
const READY_FD_HIGHEST = 255
/** What to wait for in the output, or why it can never come. */
export function readiness({ ready }: SpawnCommand): ReadySign | SpawnError {
  if (ready.type === "line") {
    try {
      return compile(ready.pattern)
    } catch (error) {
      return {
        errno: "BADREADY",
        message: `its ready pattern ${JSON.stringify(ready.pattern)} is not a regular expression: ${(error as Error).message}`
      }
    }
  }
  if (ready.type !== "fd") return undefined
  if (Number.isInteger(ready.fd) && ready.fd >= READY_FD_LOWEST && ready.fd <= READY_FD_HIGHEST) return ready.fd
  const range = `${READY_FD_LOWEST} to ${READY_FD_HIGHEST}`
  return { errno: "BADREADY", message: `descriptor ${ready.fd} cannot report readiness, only ${range} can` }
}

/**
 * Throws, or returns a child without a pid that emits its error later: Node does either, depending on the errno.
 *
 * The child leads its own session and group, so a stop reaches all of it, and Ctrl-C on our terminal none of it.
 */
export function launch(command: SpawnCommand, env: NodeJS.ProcessEnv): ChildProcess {
  const [file, ...args] = command.argv
  const stdio: Array<"ignore" | "pipe"> = ["ignore", "pipe", "pipe"]
  const fd = notifyFd(command)
  if (fd !== undefined) {
    // The descriptors in between stay closed: from 3 on, "ignore" opens nothing.
    while (stdio.length < fd) stdio.push("ignore")
    stdio.push("pipe")
  }
  return spawn(file, args, { cwd: command.cwd, env, detached: true, stdio })
}
