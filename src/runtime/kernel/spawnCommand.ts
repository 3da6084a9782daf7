/** From the core's `Spawn` to the command that a spawner is given. */
import { resolve } from "node:path"
import type { Action } from "../../core/Action.ts"
import type { Sign, SpawnCommand } from "../../leaf/Spawner.ts"
import type { Ready } from "../../tree/Spec.ts"

/** `folder`: what the workers' relative folders are relative to. */
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

/** What the spawner can see of readiness. The core looks at the exit itself, and checks are made by the monitor. */
const signOf = (ready: Ready): Sign => (ready.type === "spawned" || ready.type === "line" || ready.type === "fd" ? ready : { type: "none" })
