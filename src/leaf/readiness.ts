/** What makes a process ready, as far as the spawner sees it. */
import { compile, type Pattern } from "../tree/pattern.ts"
import type { SpawnError } from "./os/spawnErrors.ts"
import type { SpawnCommand } from "./Spawner.ts"

/** 0, 1 and 2 are taken. More than a few hundred is a mistake, and would cost an array of that length. */
const READY_FD_LOWEST = 3
const READY_FD_HIGHEST = 255

/** What makes it ready: a line that matches, a newline on this descriptor, or neither. */
export type ReadySign = Pattern | number | undefined

/** What only the keeper receives, and why it can never come without it; undefined if nothing of that is wanted. */
export function withoutKeeper({ ready, beatFrom }: Pick<SpawnCommand, "ready" | "beatFrom">): SpawnError | undefined {
  const wanted = ready.type === "notify" ? "ready: notify()" : beatFrom === "notify" ? 'a heartbeat from "notify"' : undefined
  if (wanted === undefined) return undefined
  return { errno: "BADREADY", message: `${wanted} needs the keeper, and it would run without one (--spawner keeper)` }
}

/** What to wait for in the output, or why it can never come. */
export function readiness({ ready }: Pick<SpawnCommand, "ready">): ReadySign | SpawnError {
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
