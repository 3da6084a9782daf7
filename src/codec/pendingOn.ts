/** The schema of what a pending child waits for. */
import * as Schema from "effect/Schema"
import type { PendingOn as CorePendingOn } from "../core/Decision.ts"
import { whole } from "./exit.ts"

export const PendingOn = whole<CorePendingOn>()(
  Schema.Union([Schema.TaggedStruct("Need", { path: Schema.String }), Schema.TaggedStruct("Breaker", {}), Schema.TaggedStruct("Gate", {})])
)
