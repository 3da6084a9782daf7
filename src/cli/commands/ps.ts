/** `supervise ps [path]`: the state of a running tree. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import type { Connection } from "../../http/connect.ts"
import type { Node } from "../../runtime/read/Control.ts"
import { state } from "../flags/state.ts"
import { print } from "../print/print.ts"
import type { Column } from "../print/table.ts"
import { jsonText } from "../print/terminal.ts"

const path = Argument.String("path").pipe(Argument.withDescription("Only this node and what is below it."), Argument.withDefault(undefined))
const json = Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("One JSON array with an object per node."))
const all = Flag.Boolean("all").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Also children that are gone: temporary ones that have ended, and instances. Of the last 1,000 events.")
)
const usage = Flag.Boolean("usage").pipe(
  Flag.withDefault(false),
  Flag.withDescription("What the processes use: CPU time, memory, open files, and what they read from and wrote to storage.")
)
const columns: ReadonlyArray<Column> = [
  "name",
  "kind",
  "state",
  "pid",
  "incarnation",
  "uptime",
  "cpu",
  "memory",
  "restarts",
  "next",
  "lastExit"
]
const usageColumns: ReadonlyArray<Column> = ["name", "state", "pid", "processes", "cpu", "memory", "files", "read", "written"]

/** Only if a process says anything of itself. */
const STATUS: ReadonlyArray<Column> = ["status"]

export const ps = Command.make(
  "ps",
  { path, json, all, usage, state },
  Effect.fnUntraced(function* (input) {
    const { send, nodeNamed, connection } = yield* Effect.promise(() => import("../connection.ts"))
    const { flatten } = yield* Effect.promise(() => import("../../core/flatten.ts"))
    const { paintFor } = yield* Effect.promise(() => import("../print/lines.ts"))
    const { tableOf } = yield* Effect.promise(() => import("../print/table.ts"))
    const running = yield* connection(input.state)
    const snapshot = yield* send(running, running.client.snapshot())
    const root = yield* nodeNamed(input.path ?? running.root, snapshot)
    const { sayUsage, usageByPath } = yield* Effect.promise(() => import("../print/usage.ts"))
    // A supervisor of an earlier version does not know.
    const usages = yield* Effect.orElseSucceed(send(running, running.client.usage()), () => [])
    const used = usageByPath(root, usages)
    const byPath = new Map(usages.map(({ path, ...usage }) => [path, usage]))
    const facts = () => flatten(root).map((node) => ({ ...factsOf(node, snapshot.now), usage: byPath.get(node.path) }))
    const width = process.stdout.columns ?? Infinity
    const table = () =>
      tableOf(
        { ...snapshot, root },
        {
          columns: [...(input.usage ? usageColumns : columns), ...(flatten(root).some(({ status }) => status !== undefined) ? STATUS : [])],
          ...{ width, paint: paintFor(process.stdout) },
          usage: (column, path) => sayUsage(column, used.get(path))
        }
      )
    const finished = input.all ? yield* finishedBelow(running, root) : { facts: [], lines: [] }
    yield* print(input.json ? jsonText([...facts(), ...finished.facts], 2) : [...table(), ...finished.lines].join("\n"))
    const { mentionChanges } = yield* Effect.promise(() => import("../print/changes.ts"))
    mentionChanges(running)
    const { mentionOrphans } = yield* Effect.promise(() => import("../print/orphans.ts"))
    yield* mentionOrphans(running.directory)
  }, Effect.scoped)
).pipe(Command.withDescription("Print a running tree: state, pid, uptime, restarts, and when a waiting child is started."))

/** What is no longer in the tree, as far back as the supervisor remembers. */
const finishedBelow = Effect.fnUntraced(function* (running: Connection, root: Node) {
  const { send } = yield* Effect.promise(() => import("../connection.ts"))
  const Stream = yield* Effect.promise(() => import("effect/Stream"))
  const { finishedFacts, finishedIn, finishedLines } = yield* Effect.promise(() => import("../print/finished.ts"))
  const past = yield* send(running, Stream.runCollect(yield* send(running, running.client.events({ query: {} }))))
  const finished = finishedIn(past, { root })
  return { facts: finishedFacts(finished), lines: finishedLines(finished) }
})

/** A node for machines: flat, as children are nodes of their own; times are in milliseconds. */
const factsOf = (
  {
    path,
    type,
    strategy,
    phase,
    pid,
    incarnation,
    restarts,
    hold,
    pendingOn,
    since,
    until,
    health,
    suspect,
    status,
    lastExit,
    blocked
  }: Node,
  now: number
) => ({
  path,
  type,
  strategy,
  state: phase,
  pid,
  incarnation,
  restarts,
  hold,
  pendingOn,
  health,
  status,
  suspect: suspect && { phi: suspect.phi, forMs: now - suspect.since },
  uptimeMs: phase === "up" ? now - since : undefined,
  retryInMs: phase === "backoff" || phase === "failed" ? until && Math.max(0, until - now) : undefined,
  killInMs: phase === "stopping" ? until && Math.max(0, until - now) : undefined,
  lastExit,
  blocked
})
