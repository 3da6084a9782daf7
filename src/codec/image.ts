/**
 * The image of a tree as lines of JSON: a head, then a line for each supervisor and each child, so that a large one is
 * written and read in slices. Infinity, which JSON has no number for, is the string "Infinity".
 */
import * as Schema from "effect/Schema"
import type { ChildImage, RecordImage, SupervisorImage, TreeImage } from "../core/Image.ts"
import { Child } from "../tree/schema/Schema.ts"
import { ConvictionExit, Exit, Failure, HeartbeatSilence } from "./exit.ts"
import { PendingOn } from "./pendingOn.ts"

/** The version of the format. */
const IMAGE_VERSION = 1

type Head = Omit<TreeImage, "supervisors"> & { readonly image: number }
type Line = Head | Omit<SupervisorImage, "children"> | ChildImage

/**
 * One line at a time, each within microseconds. The image must not change meanwhile, and does not: it shares nothing
 * with the tree.
 */
export function* imageLines({ supervisors, ...head }: TreeImage): Generator<string> {
  yield text({ image: IMAGE_VERSION, ...head })
  for (const { children, ...sup } of supervisors) {
    yield text(sup)
    for (const child of children) yield text(child)
  }
}

/** A replacer is called for every key, which is slow: only what may have an Infinity in it needs one. */
function text(line: Line): string {
  const allFinite = !("until" in line) || (Number.isFinite(line.until) && line.spec === undefined)
  return allFinite ? JSON.stringify(line) : JSON.stringify(line, (_, value) => (value === Number.POSITIVE_INFINITY ? "Infinity" : value))
}

/** Undefined where the lines are no image, or one of another version. */
export function readImage(lines: Iterable<string>): TreeImage | undefined {
  const supervisors: Array<Omit<SupervisorImage, "children"> & { readonly children: Array<ChildImage> }> = []
  let head: Head | undefined
  for (const line of lines) {
    const value: unknown = parse(line)
    if (head === undefined) {
      if (!isHead(value) || value.image !== IMAGE_VERSION) return undefined
      head = value
    } else if (isSupervisor(value)) supervisors.push({ ...value, children: [] })
    else if (isChild(value) && supervisors.length > 0) supervisors.at(-1)!.children.push(value)
    else return undefined
  }
  if (head === undefined) return undefined
  const { image: _, ...rest } = head
  return { ...rest, supervisors }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line, (_, value) => (value === "Infinity" ? Number.POSITIVE_INFINITY : value))
  } catch {
    return undefined
  }
}

// ---------------------------------------------------------------- what a line must be

const ids = Schema.Array(Schema.String)
const recent = Schema.Array(Schema.Tuple([Schema.String, Schema.Finite]))
const failures = Schema.Array(Failure)
const optional = Schema.optionalKey

const Record: Schema.Codec<RecordImage, unknown> = Schema.suspend(() =>
  Schema.Struct({
    incarnation: Schema.Int,
    attempt: Schema.Int,
    score: Schema.Finite,
    restarts: Schema.Int,
    hold: Schema.Boolean,
    instances: Schema.Int,
    floor: Schema.Int,
    below: Schema.Array(Schema.Tuple([Schema.String, Record]))
  })
)

const below = Schema.Array(Schema.Tuple([Schema.String, Record]))

const isHead = Schema.is(
  Schema.Struct({
    image: Schema.Int,
    seed: Schema.Int,
    now: Schema.Finite,
    record: Record,
    gate: optional(Schema.UndefinedOr(Schema.Struct({ tokens: Schema.Finite, at: Schema.Finite, wakeAt: Schema.Finite, queue: ids })))
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
    commonSilenceSince: optional(Schema.UndefinedOr(Schema.Finite)),
    gone: below,
    order: ids,
    window: failures,
    recentFailures: recent,
    breaker: optional(
      Schema.UndefinedOr(
        Schema.Struct({
          phase: Schema.Literals(["closed", "open", "halfOpen"]),
          since: Schema.Finite,
          probes: Schema.Int,
          probe: optional(Schema.UndefinedOr(Schema.String)),
          pending: ids,
          recentFailures: recent
        })
      )
    ),
    toStop: ids,
    toStart: ids,
    retrying: ids,
    bootWaitsFor: ids,
    pendingOnNeed: ids,
    suspects: ids
  })
) as (value: unknown) => value is Omit<SupervisorImage, "children">

const isChild = Schema.is(
  Schema.Struct({
    id: Schema.String,
    position: Schema.Int,
    record: Record,
    // As the core has it: decoded, with every default filled in.
    spec: optional(Schema.UndefinedOr(Schema.toType(Child))),
    argv: Schema.Array(Schema.String),
    phase: Schema.Literals(["down", "backoff", "pending", "restarting", "starting", "up", "stopping", "failed"]),
    since: Schema.Finite,
    until: Schema.Number,
    process: optional(Schema.UndefinedOr(Schema.Struct({ pid: Schema.Int, startTime: Schema.Int }))),
    blocked: optional(Schema.UndefinedOr(Schema.Array(Schema.Int))),
    wasUp: Schema.Boolean,
    isExtended: Schema.Boolean,
    overdueAfterMs: optional(Schema.UndefinedOr(Schema.Finite)),
    conviction: optional(Schema.UndefinedOr(Schema.Struct({ exit: ConvictionExit, at: Schema.Finite }))),
    suspect: optional(Schema.UndefinedOr(Schema.Struct({ silence: HeartbeatSilence, at: Schema.Finite }))),
    deferredConviction: optional(Schema.UndefinedOr(ConvictionExit)),
    failingCheck: optional(Schema.UndefinedOr(Schema.String)),
    pendingOn: optional(Schema.UndefinedOr(PendingOn)),
    independent: Schema.Boolean,
    lastExit: optional(Schema.UndefinedOr(Exit)),
    window: optional(Schema.UndefinedOr(failures)),
    failures: optional(Schema.UndefinedOr(Schema.Int)),
    tickets: Schema.Array(Schema.Int),
    askedFor: optional(Schema.UndefinedOr(Schema.Literals(["start", "restart", "again", "terminate"])))
  })
) as (value: unknown) => value is ChildImage
