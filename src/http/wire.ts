/**
 * Schemas of what crosses the socket. They are checked against the runtime's own types, so the compiler notices when
 * they differ.
 */
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { ConvictionExit, Exit, HeartbeatSilence, Usage, whole } from "../codec/exit.ts"
import { PendingOn } from "../codec/pendingOn.ts"
import { Refusal } from "../codec/refusal.ts"
import type { Refusal as CoreRefusal } from "../core/Event.ts"
import type { Health as CoreHealth } from "../core/Health.ts"
import type { Phase as CorePhase } from "../core/State.ts"
import type * as Control from "../runtime/read/Control.ts"
import * as Read from "../runtime/read/Refused.ts"
import type { TreeEvent as RuntimeEvent } from "../runtime/read/TreeEvent.ts"
import type { WorkerUsage as RuntimeUsage } from "../runtime/read/usage.ts"

const path = { path: Schema.String }
const incarnation = { ...path, incarnation: Schema.Int }
const limit = { intensity: Schema.Int, periodMs: Schema.Finite }

const Type = Schema.Literals(["worker", "supervisor", "pool"])
const Phase = whole<CorePhase>()(Schema.Literals(["down", "backoff", "pending", "restarting", "starting", "up", "stopping", "failed"]))

const Health = whole<CoreHealth>()(
  Schema.Struct({
    status: Schema.Literals(["healthy", "degraded", "unhealthy", "starting", "stopped"]),
    because: Schema.optionalKey(Schema.String)
  })
)

const node = {
  ...incarnation,
  type: Type,
  phase: Phase,
  since: Schema.Finite,
  restarts: Schema.Int,
  hold: Schema.Boolean,
  until: Schema.optionalKey(Schema.Finite),
  lastExit: Schema.optionalKey(Exit),
  pendingOn: Schema.optionalKey(PendingOn),
  suspect: Schema.optionalKey(Schema.Struct({ phi: Schema.Finite, since: Schema.Finite })),
  failingCheck: Schema.optionalKey(Schema.String),
  status: Schema.optionalKey(Schema.String),
  health: Schema.optionalKey(Health),
  strategy: Schema.optionalKey(Schema.Literals(["OneForOne", "OneForAll", "RestForOne"])),
  pid: Schema.optionalKey(Schema.Int),
  blocked: Schema.optionalKey(Schema.Array(Schema.Int))
}
export const Node: Schema.Codec<Control.Node, unknown> = Schema.suspend(() =>
  Schema.Struct({ ...node, children: Schema.optionalKey(Schema.Array(Node)) })
).annotate({ identifier: "Node" })

export const Snapshot = whole<Control.Snapshot>()(Schema.Struct({ now: Schema.Finite, root: Node }))

const usage = {
  cpuMs: Schema.Finite,
  memoryBytes: Schema.Finite,
  openFiles: Schema.optionalKey(Schema.Int),
  readBytes: Schema.optionalKey(Schema.Finite),
  writtenBytes: Schema.optionalKey(Schema.Finite)
}
export const WorkerUsage = whole<RuntimeUsage>()(
  Schema.Struct({
    ...path,
    leader: Schema.optionalKey(Schema.Struct(usage)),
    group: Schema.Struct({ processes: Schema.Int, ...usage })
  })
)

export const Up = whole<Control.Up>()(Schema.Struct({ ...path, incarnation: Schema.UndefinedOr(Schema.Int) }))

const How = Schema.Union([Schema.Finite, Schema.Literals(["brutalKill", "infinity"])])
const stamp = { seq: Schema.Int, at: Schema.Finite }
const used = { usage: Schema.optionalKey(Usage) }
const about = { ...stamp, ...path }
const incarnationEvent = { ...stamp, ...incarnation }

export const TreeEvent = whole<RuntimeEvent>()(
  Schema.Union([
    Schema.TaggedStruct("Starting", { ...incarnationEvent, type: Type }),
    Schema.TaggedStruct("Started", { ...incarnationEvent, tookMs: Schema.Finite }),
    Schema.TaggedStruct("Declined", incarnationEvent),
    Schema.TaggedStruct("StartFailed", { ...incarnationEvent, exit: Exit }),
    Schema.TaggedStruct("Exited", { ...incarnationEvent, exit: Exit, normal: Schema.Boolean, uptimeMs: Schema.Finite, ...used }),
    Schema.TaggedStruct("RestartCounted", { ...about, culprit: Schema.String, count: Schema.Int, ...limit }),
    Schema.TaggedStruct("Backoff", { ...incarnationEvent, attempt: Schema.Int, delayMs: Schema.Finite }),
    Schema.TaggedStruct("Failed", { ...incarnationEvent, attempt: Schema.Int, delayMs: Schema.Finite }),
    Schema.TaggedStruct("TriedAgain", incarnationEvent),
    Schema.TaggedStruct("WaitCancelled", incarnationEvent),
    Schema.TaggedStruct("Stopping", { ...incarnationEvent, how: How }),
    Schema.TaggedStruct("StraysEnded", { ...incarnationEvent, pids: Schema.Array(Schema.Int), isDaemon: Schema.Boolean }),
    Schema.TaggedStruct("Stopped", { ...incarnationEvent, exit: Exit, ...used }),
    Schema.TaggedStruct("Ending", { ...incarnationEvent, exit: Exit }),
    Schema.TaggedStruct("Suspected", { ...incarnationEvent, silence: HeartbeatSilence }),
    Schema.TaggedStruct("Cleared", { ...incarnationEvent, afterMs: Schema.Finite }),
    Schema.TaggedStruct("Convicted", { ...incarnationEvent, exit: ConvictionExit, how: How }),
    Schema.TaggedStruct("CommonSilence", { ...about, suspects: Schema.Int, of: Schema.Int, until: Schema.Finite }),
    Schema.TaggedStruct("HealthCheckFailed", { ...incarnationEvent, because: Schema.String }),
    Schema.TaggedStruct("HealthCheckPassed", incarnationEvent),
    Schema.TaggedStruct("Pending", { ...incarnationEvent, by: PendingOn }),
    Schema.TaggedStruct("BreakerOpened", { ...about, failed: Schema.Int, of: Schema.Int, withinMs: Schema.Finite }),
    Schema.TaggedStruct("ProbeStarted", { ...incarnationEvent, delayMs: Schema.Finite }),
    Schema.TaggedStruct("Released", { ...incarnationEvent, delayMs: Schema.Finite }),
    Schema.TaggedStruct("BreakerClosed", { ...about, pending: Schema.Int }),
    Schema.TaggedStruct("Hold", about),
    Schema.TaggedStruct("Unhold", about),
    Schema.TaggedStruct("Added", about),
    Schema.TaggedStruct("Removed", about),
    Schema.TaggedStruct("Idle", about),
    Schema.TaggedStruct("Ended", { ...incarnationEvent, exit: Exit }),
    Schema.TaggedStruct("Spawned", { ...incarnationEvent, pid: Schema.Int, startTime: Schema.Int }),
    Schema.TaggedStruct("Line", {
      ...incarnationEvent,
      stream: Schema.Literals(["stdout", "stderr"]),
      text: Schema.String,
      continues: Schema.Boolean
    }),
    Schema.TaggedStruct("Dropped", { ...incarnationEvent, lines: Schema.Int, bytes: Schema.Int }),
    Schema.TaggedStruct("LogFailed", { ...incarnationEvent, errno: Schema.String, lines: Schema.Int, bytes: Schema.Int }),
    Schema.TaggedStruct("LogResumed", { ...incarnationEvent, lines: Schema.Int, bytes: Schema.Int }),
    Schema.TaggedStruct("LeaderEnded", { ...incarnationEvent, code: Schema.optional(Schema.Int), signal: Schema.optional(Schema.String) }),
    Schema.TaggedStruct("Notified", { ...incarnationEvent, status: Schema.String }),
    Schema.TaggedStruct("Blocked", { ...incarnationEvent, pids: Schema.Array(Schema.Int) })
  ])
).annotate({ identifier: "TreeEvent" })

/**
 * A problem document (RFC 9457) with the refusal itself beside its sentence: 404 for a name that stands for no node or
 * for several, 409 for a request that the present state of the tree does not allow.
 */
const refused = (code: number, fits: (why: CoreRefusal) => boolean) =>
  Schema.TaggedStruct("Refused", {
    why: Refusal,
    message: Schema.String,
    type: Schema.optionalKey(Schema.String),
    status: Schema.optionalKey(Schema.Int),
    detail: Schema.optionalKey(Schema.String)
  }).pipe(
    Schema.decodeTo(
      Schema.instanceOf(Read.Refused).check(Schema.makeFilter(({ why }) => fits(why))),
      SchemaTransformation.transform({
        decode: ({ why }) => new Read.Refused({ why }),
        encode: ({ why, message }) => ({ _tag: "Refused" as const, why, message, type: "about:blank", status: code, detail: message })
      })
    ),
    HttpApiSchema.status(code),
    HttpApiSchema.asJson({ contentType: "application/problem+json" })
  )

const isMisnamed = ({ _tag }: CoreRefusal): boolean => _tag === "NotFound" || _tag === "Ambiguous"
export const Refused = [refused(404, isMisnamed), refused(409, (why) => !isMisnamed(why))] as const
