/** Connects a command to a running tree, and turns a refusal into a sentence. */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Refusal } from "../core/Event.ts"
import { flatten } from "../core/Snapshot.ts"
import { type Connection, connect } from "../http/connect.ts"
import type { Unresponsive } from "../http/errors.ts"
import { NotRunning } from "../http/errors.ts"
import { request } from "../http/requests.ts"
import { type Node, Refused, type Snapshot } from "../runtime/read/Control.ts"
import { STATE_DIRECTORY } from "../runtime/state/StateDirectory.ts"
import { nearestPath } from "../tree/problems/nearest.ts"
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

/** Completes a path: without a leading slash it is below the root. The root's id alone names the root. */
export const pathIn = ({ root }: Connection, path: string): string => {
  const trimmed = path.length > 1 ? path.replace(/\/$/, "") : path
  if (`/${trimmed}` === root) return root
  return trimmed.startsWith("/") ? trimmed : `${root}/${trimmed}`
}

/** Sends one request. Fails with a sentence if it is refused. */
export const send = <A, E>(connection: Connection, call: Effect.Effect<A, E>) =>
  Effect.catchIf(
    request(connection, call),
    (error): error is Extract<typeof error, Refused> => error instanceof Refused,
    (error) => refused(connection, error)
  )

/** The node at this path. */
export const nodeAt = (connection: Connection, { root }: Snapshot, path: string): Effect.Effect<Node, CommandFailed> => {
  const found = flatten(root).find((node) => node.path === path)
  return found === undefined ? refused(connection, new Refused({ why: { _tag: "NotFound", path } })) : Effect.succeed(found)
}

const refused = (connection: Connection, { why, message }: Refused) =>
  Effect.flatMap(why._tag === "NotFound" ? didYouMean(connection, why.path) : Effect.succeed(""), (suggestion) =>
    Effect.fail(new CommandFailed({ sentence: message + suggestion, code: invalid.has(why._tag) ? EXIT.usage : EXIT.refused }))
  )

/** Requests that could never succeed, whatever the state of the tree. */
const invalid: ReadonlySet<Refusal["_tag"]> = new Set([
  "NotFound",
  "NotSupervisor",
  "IsPool",
  "NotPool",
  "BadSize",
  "IsRoot",
  "NotWorker",
  "BadSignal"
])

const didYouMean = (connection: Connection, path: string): Effect.Effect<string> =>
  request(connection, connection.client.snapshot()).pipe(
    Effect.map(({ root }) =>
      nearestPath(
        path,
        flatten(root).map((node) => node.path)
      )
    ),
    Effect.map((nearest) => (nearest === undefined ? "" : ` Did you mean ${nearest}?`)),
    Effect.orElseSucceed(() => "")
  )
