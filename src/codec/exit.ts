/**
 * Schemas of the core's `Exit` and of what it is made of, for the control socket and for journals. The core itself
 * knows no Effect.
 */
import * as Schema from "effect/Schema"
import type { ConvictionExit as CoreConvictionExit, HeartbeatSilence as CoreHeartbeatSilence, Usage as CoreUsage } from "../core/Event.ts"
import type { Exit as CoreExit, Failure as CoreFailure } from "../core/Exit.ts"

/** Returns the schema unchanged. Does not compile if the schema leaves out a case of the type. */
export const whole =
  <T>() =>
  <S extends Schema.Codec<T, unknown>>(schema: [T] extends [S["Type"]] ? S : never): Schema.Codec<T, S["Encoded"]> =>
    schema as Schema.Codec<T, S["Encoded"]>

export const Failure: Schema.Codec<CoreFailure, unknown> = Schema.suspend(() =>
  Schema.Struct({ path: Schema.String, incarnation: Schema.Int, at: Schema.Finite, exit: Exit })
)

const convictions = [
  Schema.TaggedStruct("Hung", { phi: Schema.Finite, silenceMs: Schema.Finite, evidence: Schema.String }),
  Schema.TaggedStruct("Unhealthy", {
    probe: Schema.String,
    nth: Schema.optionalKey(Schema.Int),
    failures: Schema.Int,
    because: Schema.String
  })
] as const

export const Usage = whole<CoreUsage>()(Schema.Struct({ userMs: Schema.Finite, systemMs: Schema.Finite, maxRssBytes: Schema.Finite }))

export const ConvictionExit = whole<CoreConvictionExit>()(Schema.Union(convictions))
export const HeartbeatSilence = whole<CoreHeartbeatSilence>()(
  Schema.Struct({ phi: Schema.Finite, silenceMs: Schema.Finite, everyMs: Schema.Finite, evidence: Schema.String })
)

export const Exit: Schema.Codec<CoreExit, unknown> = whole<CoreExit>()(
  Schema.Union([
    Schema.TaggedStruct("Code", { code: Schema.Int }),
    Schema.TaggedStruct("Signal", {
      signal: Schema.String,
      dumped: Schema.optionalKey(Schema.Literal(true)),
      outOfMemory: Schema.optionalKey(Schema.Literals(["group", "machine"]))
    }),
    Schema.TaggedStruct("Lost", {}),
    Schema.TaggedStruct("NotStarted", { errno: Schema.String, message: Schema.String }),
    Schema.TaggedStruct("NotReady", { afterMs: Schema.Finite, because: Schema.optionalKey(Schema.String) }),
    ...convictions,
    Schema.TaggedStruct("CommonSilence", { suspects: Schema.Int, of: Schema.Int, cause: Failure }),
    Schema.TaggedStruct("Shutdown", {}),
    Schema.TaggedStruct("Killed", {}),
    Schema.TaggedStruct("GaveUp", { intensity: Schema.Int, periodMs: Schema.Finite, window: Schema.Array(Failure) }),
    Schema.TaggedStruct("AllFailed", { failed: Schema.Int, cause: Failure }),
    Schema.TaggedStruct("AutoShutdown", { by: Schema.String }),
    Schema.TaggedStruct("BootFailed", { cause: Failure })
  ])
).annotate({ identifier: "Exit" })
