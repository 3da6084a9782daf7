/**
 * What a line of a recording must be for the core to fold it: whole events, with every field that is looked at. Somebody may have cut the file,
 * or written it by hand, and a fold that throws names nobody.
 */
import * as Schema from "effect/Schema"
import type { Request as CoreRequest, Event } from "../core/Event.ts"
import type { Exit as CoreExit, Failure as CoreFailure } from "../core/Exit.ts"
import type { Moment } from "../core/Moment.ts"
import { Child } from "../spec/Schema.ts"

const Time = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const life = { path: Schema.String, incarnation: Schema.Int }
const id = { id: Schema.String }

const Failure: Schema.Codec<CoreFailure, unknown> = Schema.suspend(() => Schema.Struct({ ...life, at: Schema.Finite, exit: Exit }))
const Exit: Schema.Codec<CoreExit, unknown> = Schema.Union([
  Schema.TaggedStruct("Code", { code: Schema.Int }),
  Schema.TaggedStruct("Signal", { signal: Schema.String }),
  Schema.TaggedStruct("NotStarted", { errno: Schema.String, message: Schema.String }),
  Schema.TaggedStruct("NotReady", { afterMs: Schema.Finite }),
  Schema.TaggedStruct("Shutdown", {}),
  Schema.TaggedStruct("Killed", {}),
  Schema.TaggedStruct("GaveUp", { intensity: Schema.Int, periodMs: Schema.Finite, window: Schema.Array(Failure) }),
  Schema.TaggedStruct("AutoShutdown", { by: Schema.String }),
  Schema.TaggedStruct("BootFailed", { cause: Failure })
])

const Request: Schema.Codec<CoreRequest, unknown> = Schema.Union([
  // As the core has it: decoded, with every default filled in.
  Schema.TaggedStruct("startChild", { spec: Schema.toType(Child) }),
  Schema.TaggedStruct("startInstance", { argv: Schema.Array(Schema.String) }),
  Schema.Struct({ _tag: Schema.Literals(["terminateChild", "restartChild", "deleteChild", "getChildSpec"]), ...id }),
  Schema.Struct({ _tag: Schema.Literals(["whichChildren", "countChildren"]) }),
  Schema.Struct({ _tag: Schema.Literals(["hold", "start", "restart"]), ...id }),
  Schema.TaggedStruct("scale", { size: Schema.Finite })
])

const purposes = Schema.Literals(["backoff", "retry", "startTimeout", "shutdown"])

const Events: Schema.Codec<Event, unknown> = Schema.Union([
  Schema.Struct({ _tag: Schema.Literals(["Boot", "Stop", "Kill"]) }),
  Schema.Struct({ _tag: Schema.Literals(["Spawned", "Ready", "Declined"]), ...life }),
  Schema.TaggedStruct("Exited", { ...life, exit: Exit }),
  Schema.TaggedStruct("Wake", { ...life, purpose: purposes }),
  Schema.TaggedStruct("Call", { path: Schema.String, ticket: Schema.Int, request: Request })
])

/** Actions are only compared, as texts: whatever differs is a difference. */
const Line = Schema.Struct({ at: Time, event: Events, actions: Schema.Array(Schema.Struct({ _tag: Schema.String })) })

const isLine = Schema.is(Line)
export const isMoment = (line: unknown): line is Moment => isLine(line)
