/**
 * Checks that a line of a journal can be replayed: a complete event, with every field that the core reads. The file may
 * have been cut or edited by hand, and an exception in the core would not say where.
 */
import * as Schema from "effect/Schema"
import type { Request as CoreRequest, Event, Purpose } from "../core/Event.ts"
import type { JournalEntry } from "../core/Journal.ts"
import { Child } from "../tree/schema/Schema.ts"
import { ConvictionExit, Exit, HeartbeatSilence, Usage, whole } from "./exit.ts"

const Time = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const incarnation = { path: Schema.String, incarnation: Schema.Int }
const id = { id: Schema.String }

const Request: Schema.Codec<CoreRequest, unknown> = Schema.Union([
  // As the core has it: decoded, with all defaults filled in.
  Schema.TaggedStruct("startChild", { spec: Schema.toType(Child) }),
  Schema.TaggedStruct("startInstance", { argv: Schema.Array(Schema.String) }),
  Schema.Struct({ _tag: Schema.Literals(["terminateChild", "restartChild", "deleteChild", "getChildSpec"]), ...id }),
  Schema.Struct({ _tag: Schema.Literals(["whichChildren", "countChildren"]) }),
  Schema.Struct({ _tag: Schema.Literals(["hold", "start", "restart"]), ...id }),
  Schema.TaggedStruct("scale", { size: Schema.Finite })
])

const purposes = whole<Purpose>()(
  Schema.Literals(["backoff", "retry", "startTimeout", "shutdown", "probe", "stable", "silence", "gate", "failed"])
)

const Events: Schema.Codec<Event, unknown> = Schema.Union([
  Schema.Struct({ _tag: Schema.Literals(["Boot", "Stop", "Kill"]) }),
  Schema.Struct({ _tag: Schema.Literals(["Ready", "Declined", "Cleared"]), ...incarnation }),
  Schema.TaggedStruct("Spawned", { ...incarnation, pid: Schema.optionalKey(Schema.Int), startTime: Schema.optionalKey(Schema.Int) }),
  Schema.TaggedStruct("Blocked", { ...incarnation, pids: Schema.Array(Schema.Int) }),
  Schema.TaggedStruct("Exited", {
    ...incarnation,
    exit: Exit,
    pressure: Schema.optionalKey(Schema.Finite),
    strays: Schema.optionalKey(Schema.Array(Schema.Int)),
    usage: Schema.optionalKey(Usage)
  }),
  Schema.TaggedStruct("Suspected", { ...incarnation, silence: HeartbeatSilence }),
  Schema.TaggedStruct("Convicted", { ...incarnation, exit: ConvictionExit }),
  Schema.TaggedStruct("Health", { ...incarnation, healthy: Schema.Boolean, because: Schema.String }),
  Schema.TaggedStruct("Notified", {
    ...incarnation,
    status: Schema.optionalKey(Schema.String),
    extendMs: Schema.optionalKey(Schema.Finite)
  }),
  Schema.TaggedStruct("Hint", { path: Schema.String }),
  Schema.TaggedStruct("Wake", { ...incarnation, purpose: purposes, missedMs: Schema.optionalKey(Schema.Finite) }),
  Schema.TaggedStruct("Call", { path: Schema.String, ticket: Schema.Int, request: Request })
])

/** Actions are only compared as text, so any difference counts. */
const Line = Schema.Struct({ at: Time, event: Events, actions: Schema.Array(Schema.Struct({ _tag: Schema.String })) })

const isLine = Schema.is(Line)
export const isJournalEntry = (line: unknown): line is JournalEntry => isLine(line)
