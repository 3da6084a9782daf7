/** Turns the core's `Spawn` into the command for a spawner. */
import { resolve } from "node:path"
import type { Action } from "../../core/Action.ts"
import type { LogFiles, Sign, SpawnCommand } from "../../leaf/Spawner.ts"
import { WorkerMonitor } from "../../leaf/watch/WorkerMonitor.ts"
import type { Heartbeat } from "../../tree/Probe.ts"
import type { Logs, Ready, Worker } from "../../tree/Spec.ts"

/** What all incarnations of a worker have in common. */
type Fixed = Omit<SpawnCommand, "path" | "incarnation" | "log">

/** The log of a worker at this path; undefined if it has none. */
type LogOf = (path: string) => LogFiles | undefined

/**
 * `folder`: the base of the workers' relative folders. `stamp`: what all processes have in their environment. A restart
 * needs the same command again, so it is kept.
 */
export function makeSpawnCommands(
  folder: string,
  stamp: Worker["env"],
  logOf: LogOf
): (action: Extract<Action, { _tag: "Spawn" }>) => SpawnCommand {
  const known = new WeakMap<Worker, Fixed>()
  const base = resolve(folder)
  return ({ path, incarnation, spec, argv }) => {
    const fixed = known.get(spec) ?? fixedOf(spec, base, stamp)
    known.set(spec, fixed)
    return { ...fixed, path, incarnation, argv: argv.length === 0 ? fixed.argv : [...fixed.argv, ...argv], log: logOf(path) }
  }
}

/** `folder`: the worker's own. */
export const logFilesOf = (folder: string, { size, keep, total = 0, maxAge = 0, whenFull }: Logs): LogFiles => ({
  folder,
  fileBytes: size,
  files: keep - 1, // beside the one that is written
  totalBytes: total,
  ageSeconds: Math.ceil(maxAge / 1000),
  whenFull
})

/** What most workers have in common is there once, as there may be thousands of them. */
function fixedOf(spec: Worker, folder: string, stamp: Worker["env"]): Fixed {
  const { start, cwd, env, ready, heartbeat, stdin, stopSignal, stopTo, shutdown } = spec
  return {
    argv: start,
    cwd: cwd === "." ? folder : resolve(folder, cwd),
    env: Object.keys(env).length === 0 ? stamp : { ...env, ...stamp },
    ready: signOf(ready),
    ...beatsOf(heartbeat),
    ...(hasCommands(spec) && { hasCommands: true }),
    stdin,
    stopSignal,
    stopTo,
    shutdown,
    output: WorkerMonitor.readsOutput(spec)
  }
}

const hasCommands = ({ ready, health, heartbeat }: Worker): boolean =>
  [ready, ...health, heartbeat?.from].some((check) => check?.type === "exec")

/** The kinds of readiness that the spawner sees. The core looks at exits, and the monitor runs checks. */
function signOf(ready: Ready): Sign {
  const { type } = ready
  return type === "spawned" || type === "line" || type === "fd" || type === "notify" ? ready : { type: "none" }
}

/** The heartbeats that the spawner receives; the others are the monitor's. */
function beatsOf(heartbeat: Heartbeat | undefined): Pick<SpawnCommand, "beatMs" | "beatFrom"> {
  if (heartbeat === undefined) return {}
  const { every, from } = heartbeat
  if (from.type === "fd") return { beatMs: every }
  return from.type === "notify" ? { beatMs: every, beatFrom: "notify" } : {}
}
