/** Connects a command to a running tree, and turns a refusal into a sentence. */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Refusal } from "../core/Event.ts"
import { flatten } from "../core/flatten.ts"
import { fullPath, notFound, pathNamed } from "../core/Name.ts"
import { type Connection, connect } from "../http/connect.ts"
import type { Unresponsive } from "../http/errors.ts"
import { NotRunning } from "../http/errors.ts"
import { request, type Unanswered } from "../http/requests.ts"
import type { Node, Snapshot } from "../runtime/read/Control.ts"
import { Refused } from "../runtime/read/Refused.ts"
import { STATE_DIRECTORY } from "../runtime/state/StateDirectory.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { EXIT } from "./exitCodes.ts"
import { mentionOrphans } from "./print/orphans.ts"

/**
 * Connects to the tree of this state directory; by default of the nearest `.supervise` from here upwards. If nothing
 * runs, what the last supervisor has left behind is mentioned.
 */
export const connection = (state: string | undefined) =>
  Effect.tapErrorTag(find(state), "NotRunning", ({ directory }) => mentionOrphans(directory))

const find = (state: string | undefined): Effect.Effect<Connection, NotRunning | Unresponsive, Scope.Scope> =>
  Effect.flatMap(directoryOf(state), connect)

/** The name of the state directory that a command is about. */
export const directoryOf = (state: string | undefined): Effect.Effect<string, NotRunning> =>
  Effect.gen(function* () {
    if (state !== undefined) return state
    const notRunning = (directory: string, because: string) =>
      new NotRunning({ directory, because: `${because}. It is beside the tree file; name it with --state DIR` })
    const here = yield* Effect.try({ try: () => process.cwd(), catch: () => notRunning(STATE_DIRECTORY, "the current folder was deleted") })
    const directory = nearestState(here)
    if (directory !== undefined) return directory
    return yield* notRunning(join(here, STATE_DIRECTORY), "it is not there, nor is there one in a folder above")
  })

const nearestState = (folder: string): string | undefined => {
  const here = join(folder, STATE_DIRECTORY)
  if (existsSync(here)) return here
  return dirname(folder) === folder ? undefined : nearestState(dirname(folder))
}

/** The path that a name stands for. Of a name that nothing has, the tree itself may know more: it is sent as it is. */
export const pathIn = (connection: Connection, name: string): Effect.Effect<string, CommandFailed | Unanswered> =>
  Effect.gen(function* () {
    if (name.startsWith("/")) return fullPath("", name)
    const paths = flatten((yield* send(connection, connection.client.snapshot())).root).map(({ path }) => path)
    const path = yield* clear(pathNamed(name, paths))
    return paths.includes(path) ? path : name
  })

const clear = (path: string | Refusal): Effect.Effect<string, CommandFailed> =>
  typeof path === "string" ? Effect.succeed(path) : refused(new Refused({ why: path }))

/** Sends one request. Fails with a sentence if it is refused. */
export const send = <A, E>(connection: Connection, call: Effect.Effect<A, E>) =>
  Effect.catchIf(
    request(connection, call),
    (error): error is Extract<typeof error, Refused> => error instanceof Refused,
    (error) => refused(error)
  )

/** The node that a name stands for. */
export const nodeNamed = (name: string, { root }: Snapshot): Effect.Effect<Node, CommandFailed> =>
  Effect.gen(function* () {
    const nodes = flatten(root)
    const paths = nodes.map(({ path }) => path)
    const path = yield* clear(pathNamed(name, paths))
    return nodes.find((node) => node.path === path) ?? (yield* refused(new Refused({ why: notFound(path, paths) })))
  })

const refused = ({ why, message }: Refused): Effect.Effect<never, CommandFailed> =>
  Effect.fail(new CommandFailed({ sentence: message, code: invalid.has(why._tag) ? EXIT.usage : EXIT.refused }))

/** Requests that could never succeed, whatever the state of the tree. */
const invalid: ReadonlySet<Refusal["_tag"]> = new Set([
  "NotFound",
  "Ambiguous",
  "NotSupervisor",
  "IsPool",
  "NotPool",
  "BadSize",
  "IsRoot",
  "NotWorker",
  "BadSignal"
])
