/** The schema of the core's refusals. */
import * as Schema from "effect/Schema"
import type { Refusal as CoreRefusal } from "../core/Event.ts"
import { Exit, whole } from "./exit.ts"

const path = { path: Schema.String }

export const Refusal = whole<CoreRefusal>()(
  Schema.Union([
    Schema.TaggedStruct("NotFound", { ...path, nearest: Schema.optionalKey(Schema.String) }),
    Schema.TaggedStruct("Ambiguous", { ...path, candidates: Schema.Array(Schema.String) }),
    Schema.TaggedStruct("NotRunning", path),
    Schema.TaggedStruct("NotSupervisor", path),
    Schema.TaggedStruct("AlreadyStarted", { ...path, incarnation: Schema.Int }),
    Schema.TaggedStruct("AlreadyPresent", path),
    Schema.TaggedStruct("Running", path),
    Schema.TaggedStruct("Restarting", path),
    Schema.TaggedStruct("Superseded", path),
    Schema.TaggedStruct("Stopping", path),
    Schema.TaggedStruct("Terminated", path),
    Schema.TaggedStruct("StartFailed", { ...path, exit: Exit }),
    Schema.TaggedStruct("IsPool", path),
    Schema.TaggedStruct("NotPool", path),
    Schema.TaggedStruct("PoolFull", { ...path, max: Schema.Int }),
    Schema.TaggedStruct("BadSize", { ...path, size: Schema.Finite }),
    Schema.TaggedStruct("IsRoot", path),
    Schema.TaggedStruct("NotWorker", path),
    Schema.TaggedStruct("BadSignal", { ...path, signal: Schema.String })
  ])
)
