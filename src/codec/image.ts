/**
 * The image of a tree as lines of JSON: a head, and for each supervisor a line for itself, its lists in pieces, and a
 * line for each child. So a large one is written and read in slices.
 */
import * as Schema from "effect/Schema"
import type { ChildImage, SupervisorImage, SupervisorLists, TreeImage } from "../core/Image.ts"
import { Child } from "../tree/schema/Schema.ts"
import { ConvictionExit, Exit, Failure, HeartbeatSilence } from "./exit.ts"
import { PendingOn } from "./pendingOn.ts"

/** The version of the format. */
const IMAGE_VERSION = 1
/** At most this many entries of a list are in one line. */
const PIECE = 500

type Head = Omit<TreeImage, "supervisors" | "queue"> & { readonly image: number }
type SupervisorLine = Omit<SupervisorImage, "children" | keyof SupervisorLists>
type ListName = keyof SupervisorLists | "queue"
interface Piece {
  readonly list: ListName
  readonly entries: ReadonlyArray<unknown>
}

/**
 * One line at a time, each within microseconds; pieces of lists take some hundred. The image must not change meanwhile,
 * and does not: it shares nothing with the tree.
 */
export function* imageLines({ supervisors, queue, ...head }: TreeImage): Generator<string> {
  yield JSON.stringify({ image: IMAGE_VERSION, ...head })
  yield* pieces("queue", queue)
  for (const sup of supervisors) {
    yield JSON.stringify({ ...sup, ...each(() => undefined), children: undefined })
    for (const list of SUPERVISOR_LISTS) yield* pieces(list, sup[list])
    for (const child of sup.children) yield JSON.stringify(child)
  }
}

function* pieces(list: ListName, entries: ReadonlyArray<unknown>): Generator<string> {
  for (let from = 0; from < entries.length; from += PIECE) {
    const piece: Piece = { list, entries: entries.slice(from, from + PIECE) }
    yield JSON.stringify(piece)
  }
}

/** Undefined where the lines are no image, or one of another version. */
export function readImage(lines: Iterable<string>): TreeImage | undefined {
  const queue: Array<unknown> = []
  const supervisors: Array<SupervisorLine & Lists & { readonly children: Array<ChildImage> }> = []
  let head: Head | undefined
  for (const line of lines) {
    const value = parse(line)
    const sup = supervisors.at(-1)
    if (head === undefined) {
      if (!isHead(value) || value.image !== IMAGE_VERSION) return undefined
      head = value
    } else if (isChild(value) && sup !== undefined) sup.children.push({ ...value, until: value.until ?? Number.POSITIVE_INFINITY })
    else if (isPiece(value)) {
      const list = value.list === "queue" ? queue : sup?.[value.list]
      if (list === undefined) return undefined
      list.push(...value.entries)
    } else if (isSupervisor(value)) supervisors.push({ ...value, ...each((): Array<unknown> => []), children: [] })
    else return undefined
  }
  if (head === undefined) return undefined
  const { image: _, ...rest } = head
  // `isPiece` has seen that each list has entries of its own kind.
  return { ...rest, supervisors, queue } as TreeImage
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

// ---------------------------------------------------------------- what a line must be

const optional = Schema.optionalKey
const ids = Schema.Array(Schema.String)
const times = Schema.Array(Schema.Tuple([Schema.String, Schema.Finite]))
const failures = Schema.Array(Failure)
const record = Schema.Struct({
  incarnation: Schema.Int,
  attempt: Schema.Int,
  score: Schema.Finite,
  restarts: Schema.Int,
  hold: Schema.Boolean,
  instances: Schema.Int,
  floor: Schema.Int
})

const LISTS = {
  records: Schema.Array(Schema.Tuple([Schema.String, record])),
  order: ids,
  window: failures,
  recentFailures: times,
  toStop: ids,
  toStart: ids,
  retrying: ids,
  bootWaitsFor: ids,
  pendingOnNeed: ids,
  pendingOnBreaker: ids,
  breakerFailures: times,
  suspects: ids
} satisfies Record<keyof SupervisorLists, Schema.Top>

const SUPERVISOR_LISTS = Object.keys(LISTS) as ReadonlyArray<keyof SupervisorLists>
type Lists = Record<keyof SupervisorLists, Array<unknown>>
const each = <A>(of: () => A) => Object.fromEntries(SUPERVISOR_LISTS.map((list) => [list, of()])) as Record<keyof SupervisorLists, A>

const isPiece = Schema.is(
  Schema.Union(Object.entries({ ...LISTS, queue: ids }).map(([list, entries]) => Schema.Struct({ list: Schema.Literal(list), entries })))
) as (value: unknown) => value is Piece

const isHead = Schema.is(
  Schema.Struct({
    image: Schema.Int,
    seed: Schema.Int,
    now: Schema.Finite,
    record,
    gate: optional(Schema.Struct({ tokens: Schema.Finite, at: Schema.Finite, wakeAt: Schema.Finite }))
  })
) as (value: unknown) => value is Head

const isSupervisor = Schema.is(
  Schema.Struct({
    path: Schema.String,
    incarnation: Schema.Int,
    nextPosition: Schema.Int,
    startedAt: Schema.Finite,
    since: Schema.Finite,
    mode: Schema.Literals(["booting", "running", "ending"]),
    hasBooted: Schema.Boolean,
    exit: Exit,
    brutal: Schema.Boolean,
    commonSilenceSince: optional(Schema.Finite),
    breaker: optional(
      Schema.Struct({
        phase: Schema.Literals(["closed", "open", "halfOpen"]),
        since: Schema.Finite,
        probes: Schema.Int,
        probe: optional(Schema.String)
      })
    )
  })
) as (value: unknown) => value is SupervisorLine

const isChild = Schema.is(
  Schema.Struct({
    id: Schema.String,
    position: Schema.Int,
    record,
    // As the core has it: decoded, with every default filled in.
    spec: optional(Schema.toType(Child)),
    argv: Schema.Array(Schema.String),
    phase: Schema.Literals(["down", "backoff", "pending", "restarting", "starting", "up", "stopping", "failed"]),
    since: Schema.Finite,
    /** In JSON, Infinity is null. */
    until: Schema.NullOr(Schema.Finite),
    process: optional(Schema.Struct({ pid: Schema.Int, startTime: Schema.Int })),
    blocked: optional(Schema.Array(Schema.Int)),
    wasUp: Schema.Boolean,
    isExtended: Schema.Boolean,
    overdueAfterMs: optional(Schema.Finite),
    conviction: optional(Schema.Struct({ exit: ConvictionExit, at: Schema.Finite })),
    suspect: optional(Schema.Struct({ silence: HeartbeatSilence, at: Schema.Finite })),
    deferredConviction: optional(ConvictionExit),
    failingCheck: optional(Schema.String),
    status: optional(Schema.String),
    pendingOn: optional(PendingOn),
    independent: Schema.Boolean,
    lastExit: optional(Exit),
    window: optional(failures),
    failures: optional(Schema.Int),
    tickets: Schema.Array(Schema.Int),
    askedFor: optional(Schema.Literals(["start", "restart", "again", "terminate"]))
  })
) as (value: unknown) => value is Omit<ChildImage, "until"> & { readonly until: number | null }
