/** The environment of a child process: ours, with what its worker changes, and what tells the child who it is. */
import type { Incarnation } from "../../core/Event.ts"
import type { SpawnCommand } from "../Spawner.ts"

/** The descriptor for heartbeats if readiness does not come on a descriptor. */
const BEATS_FD = 3

/** Variables that our own parent set for us. A child that inherits them would take them for its own. */
export const OURS = [
  ...["SUPERVISE_FD", "SUPERVISE_BEAT_MS", "NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE"],
  // systemd's: for readiness, the watchdog, and sockets that were opened for us.
  ...["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]
]

/** The descriptor on which a leaf reports that it is ready, or that it is alive, or both; undefined if it has none. */
export function notifyFd(command: Pick<SpawnCommand, "ready" | "beatMs" | "beatFrom">): number | undefined {
  if (command.ready.type === "fd") return command.ready.fd
  return beatsOnFd(command) ? BEATS_FD : undefined
}

const beatsOnFd = ({ beatMs, beatFrom = "fd" }: Pick<SpawnCommand, "beatMs" | "beatFrom">): boolean =>
  beatMs !== undefined && beatFrom === "fd"

/** For a leaf: also names its notify descriptor and the interval of its heartbeats. */
export function leafEnvironment(command: SpawnCommand): NodeJS.ProcessEnv {
  const env = childEnvironment(command)
  const fd = notifyFd(command)
  if (fd !== undefined) env.SUPERVISE_FD = String(fd)
  if (beatsOnFd(command)) env.SUPERVISE_BEAT_MS = String(command.beatMs)
  return env
}

/** For any child that runs on behalf of a worker, such as an exec check. */
export function childEnvironment({ env: changes, path, incarnation }: Incarnation & Pick<SpawnCommand, "env">): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env }
  for (const name of OURS) delete env[name]
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete env[name]
    else env[name] = value
  }
  // The colours of our terminal are not meant for a worker that asks for none. (Of the two, Node heeds FORCE_COLOR.)
  if (changes.NO_COLOR != null && changes.FORCE_COLOR === undefined) delete env.FORCE_COLOR
  env.SUPERVISE_PATH = path
  env.SUPERVISE_INCARNATION = String(incarnation)
  return env
}
