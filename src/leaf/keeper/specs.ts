/** How a leaf is to be run, in the words of the keeper; or why it cannot be. */
import { isAbsolute } from "node:path"
import type { Pattern } from "../../tree/pattern.ts"
import type { Shutdown } from "../../tree/Spec.ts"
import { notifyFd, OURS } from "../os/environment.ts"
import { type SpawnError, spawnErrorOf } from "../os/spawnErrors.ts"
import { readiness } from "../readiness.ts"
import type { SpawnCommand } from "../Spawner.ts"
import { SHUTDOWN_INFINITY, SHUTDOWN_KILL, SHUTDOWN_MOST, type Spec } from "./commands.ts"
import { signalNumber } from "./signals.ts"

/** The keeper's limits on the arguments and variables of one leaf. */
const STRINGS_MOST = 4_096
const BYTES_MOST = 512 * 1024
/** In bytes. */
const PATH_MOST = 1_000
/** What the fixed fields of a spec and its four other strings take at most. */
const ROOM_FOR_REST = 12 * 1024

const LONGEST_BEAT_MS = 2 ** 31

/** The number of milliseconds, or what stands for none. A fraction counts as a whole one. */
export const shutdownNumber = (how: Shutdown): number =>
  how === "infinity" ? SHUTDOWN_INFINITY : how === "brutalKill" ? SHUTDOWN_KILL : Math.min(SHUTDOWN_MOST, Math.ceil(Math.max(0, how)))

/** The environment that all leaves have in common, and undefined if it is too large for the keeper. */
export function baseEnvironment(env: NodeJS.ProcessEnv): ReadonlyArray<string> | undefined {
  const variables = Object.entries(env).flatMap(([name, value]) => (value === undefined || OURS.includes(name) ? [] : [`${name}=${value}`]))
  return fits(variables) ? variables : undefined
}

/** `pattern`: what to wait for in its output. */
export function specOf(leaf: number, command: SpawnCommand): { readonly spec: Spec; readonly pattern: Pattern | undefined } | SpawnError {
  const sign = readiness(command)
  if (typeof sign === "object" && "errno" in sign) return sign
  const { path, cwd, argv, ready, beatMs, beatFrom = "fd", stdin, stopTo } = command
  const env = changesOf(command.env)
  const odd = oddity(command)
  if (odd !== undefined) return { errno: "EINVAL", message: odd }
  if (!fits(argv) || !fits(env) || !fits([...argv, ...env], 2)) return spawnErrorOf({ code: "E2BIG" }, command, {})
  return {
    pattern: typeof sign === "object" ? sign : undefined,
    spec: {
      ...{ leaf, path, cwd, argv, env, stdin, stopTo },
      shutdown: shutdownNumber(command.shutdown),
      beatFrom,
      beatMs: beatMs === undefined ? 0 : Math.min(LONGEST_BEAT_MS, Math.max(1, Math.round(beatMs))),
      stopSignal: signalNumber(command.stopSignal) ?? signalNumber("SIGTERM")!,
      ready: ready.type === "line" || ready.type === "none" ? "unseen" : ready.type,
      descriptor: notifyFd(command) ?? 0,
      log: command.log
    }
  }
}

/** Is it run as before? Then the keeper knows how. */
export function isSameSpec(one: SpawnCommand, other: SpawnCommand): boolean {
  return (
    one.cwd === other.cwd &&
    one.env === other.env &&
    one.ready === other.ready &&
    one.beatMs === other.beatMs &&
    one.beatFrom === other.beatFrom &&
    one.stdin === other.stdin &&
    one.stopSignal === other.stopSignal &&
    one.stopTo === other.stopTo &&
    one.shutdown === other.shutdown &&
    isSameLog(one.log, other.log) &&
    one.argv.length === other.argv.length &&
    one.argv.every((word, i) => word === other.argv[i])
  )
}

const isSameLog = (one: SpawnCommand["log"], other: SpawnCommand["log"]): boolean =>
  one === other ||
  (one !== undefined &&
    other !== undefined &&
    one.folder === other.folder &&
    one.fileBytes === other.fileBytes &&
    one.files === other.files &&
    one.totalBytes === other.totalBytes &&
    one.ageSeconds === other.ageSeconds &&
    one.whenFull === other.whenFull)

/** Our terminal's colours are not meant for a worker that asks for none; see `childEnvironment`. */
function changesOf(env: SpawnCommand["env"]): ReadonlyArray<string> {
  const changes = Object.entries(env).flatMap(([name, value]) => (value !== null ? [`${name}=${value}`] : name.includes("=") ? [] : [name]))
  return env.NO_COLOR != null && env.FORCE_COLOR === undefined ? [...changes, "FORCE_COLOR"] : changes
}

/** What no process can be given. */
function oddity({ path, cwd, argv, env }: SpawnCommand): string | undefined {
  if (argv[0] === "") return "its command is empty"
  if (argv.some(hasNul)) return "a NUL character is in its command, and no argument can contain one"
  if (hasNul(cwd)) return "a NUL character is in the name of its folder"
  if (!isAbsolute(cwd)) return `its folder ${cwd} is not an absolute path`
  if (Object.entries(env).some(([name, value]) => name === "" || hasNul(name) || (value !== null && hasNul(value)))) {
    return "a variable of its environment has no name, or a NUL character in it"
  }
  if (hasNul(path) || Buffer.byteLength(path) > PATH_MOST) return `its path is longer than ${PATH_MOST} bytes`
  return undefined
}

const hasNul = (text: string): boolean => text.includes("\0")

function fits(strings: ReadonlyArray<string>, times = 1): boolean {
  const bytes = strings.reduce((sum, string) => sum + Buffer.byteLength(string) + 1, 0)
  return strings.length <= times * STRINGS_MOST && bytes <= BYTES_MOST - ROOM_FOR_REST
}
