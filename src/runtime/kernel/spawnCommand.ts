/** Turns the core's `Spawn` into the command for a spawner. */
import { resolve } from "node:path"
import type { Action } from "../../core/Action.ts"
import type { Sign, SpawnCommand } from "../../leaf/Spawner.ts"
import type { Ready } from "../../tree/Spec.ts"

/** `folder`: the base of the workers' relative folders. */
export function spawnCommandOf({ path, incarnation, spec, argv }: Extract<Action, { _tag: "Spawn" }>, folder: string): SpawnCommand {
  const { env, stopSignal, shutdown, heartbeat } = spec
  const [program, ...args] = spec.start
  return {
    path,
    incarnation,
    argv: [program, ...args, ...argv],
    cwd: resolve(folder, spec.cwd),
    env,
    ready: signOf(spec.ready),
    ...(heartbeat?.from.type === "fd" ? { beatMs: heartbeat.every } : {}),
    stopSignal,
    shutdown
  }
}

/** The kinds of readiness that the spawner sees. The core looks at exits, and the monitor runs checks. */
const signOf = (ready: Ready): Sign => (ready.type === "spawned" || ready.type === "line" || ready.type === "fd" ? ready : { type: "none" })
