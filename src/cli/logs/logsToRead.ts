/** Which logs a command means, and what of them. */
import * as Effect from "effect/Effect"
import { notFound, pathNamed } from "../../core/Name.ts"
import { isWithin, parentOf } from "../../core/Path.ts"
import { NotRunning } from "../../http/errors.ts"
import type { LogStream } from "../../leaf/log/entry.ts"
import { pathsIn } from "../../leaf/log/files.ts"
import { MERGED_MOST, type Reading } from "../../leaf/log/reading.ts"
import { Refused } from "../../runtime/read/Refused.ts"
import { realFolder, reason } from "../../runtime/state/files.ts"
import { logsIn } from "../../runtime/state/LogFolders.ts"
import { mustBeOurs } from "../../runtime/state/ownership.ts"
import { CommandFailed } from "../CommandFailed.ts"
import { directoryOf } from "../connection.ts"
import { EXIT } from "../exitCodes.ts"
import { NotReadable } from "./NotReadable.ts"
import { sinceTime } from "./sinceTime.ts"

interface Input {
  readonly paths: ReadonlyArray<string>
  readonly follow: boolean
  readonly lines: string | undefined
  readonly since: string | undefined
  readonly stream: LogStream | undefined
  readonly incarnation: number | undefined
  readonly json: boolean
  readonly state: string | undefined
}

const LINES = 100

const usage = (sentence: string) => Effect.fail(new CommandFailed({ sentence, code: EXIT.usage }))

/** `known`: the paths of all logs that there are. */
export const logsToRead = Effect.fnUntraced(function* (input: Input) {
  const since = input.since === undefined ? undefined : sinceTime(input.since, Date.now())
  if (input.since !== undefined && since === undefined)
    return yield* usage(`--since ${input.since} is neither a duration, such as 10m, nor a time, such as 14:03 or 2026-11-27T14:03:00Z.`)
  if (input.lines !== undefined && input.lines !== "all" && !/^\d{1,9}$/.test(input.lines))
    return yield* usage(`--lines ${input.lines} is neither a number of lines nor all.`)
  const everything = input.lines === "all" || (input.lines === undefined && (since !== undefined || input.incarnation !== undefined))

  const directory = yield* directoryOf(input.state)
  const root = logsIn(
    yield* Effect.try({ try: () => ours(directory), catch: (error) => new NotRunning({ directory, because: reason(error) }) })
  )
  const known = yield* Effect.tryPromise({ try: () => pathsIn(root), catch: (error) => new NotReadable({ because: reason(error) }) })
  if (known.length === 0 && !input.follow) {
    const sentence = `There are no logs in ${root}. The keeper writes them (--spawner keeper), of workers whose tree does not say logs: false.`
    return yield* new CommandFailed({ sentence, code: EXIT.refused })
  }
  const nodes = withParents(known)
  const meant: Array<string> = []
  for (const name of input.paths) meant.push(yield* nodeNamed(name, nodes))
  const isMeant = (path: string): boolean => meant.length === 0 || meant.some((node) => isWithin(path, node))
  const count = known.filter(isMeant).length
  if (everything && count > MERGED_MOST)
    return yield* usage(
      `These are ${count} logs, and at most ${MERGED_MOST} are read as a whole. Name a part of the tree, or use --lines N.`
    )
  const reading: Reading = {
    ...{ root, isMeant, since, stream: input.stream, incarnation: input.incarnation, follow: input.follow },
    lines: everything ? undefined : Number(input.lines ?? LINES),
    needsIncarnations: input.json || input.incarnation !== undefined
  }
  return { reading, known }
})

const ours = (directory: string): string => {
  const folder = realFolder(directory)
  mustBeOurs(folder)
  return folder
}

/** Supervisors have no logs of their own. The root comes first. */
function withParents(paths: ReadonlyArray<string>): ReadonlyArray<string> {
  const nodes = new Set<string>()
  const add = (path: string): void => {
    if (path === "" || nodes.has(path)) return
    add(parentOf(path))
    nodes.add(path)
  }
  paths.forEach(add)
  return [...nodes]
}

/** As with every command, but only what has a log is known. */
function nodeNamed(name: string, nodes: ReadonlyArray<string>): Effect.Effect<string, CommandFailed> {
  const path = pathNamed(name, nodes)
  if (typeof path !== "string") return usage(new Refused({ why: path }).message)
  if (nodes.includes(path)) return Effect.succeed(path)
  const why = notFound(path, nodes)
  const meant = why._tag === "NotFound" && why.nearest !== undefined ? ` Did you mean ${why.nearest}?` : ""
  return usage(`There is no log of ${path}.${meant}`)
}
