/** Schemas of the answer to `why`. */
import * as Schema from "effect/Schema"
import { ConvictionExit, Exit, Failure, HeartbeatSilence, whole } from "../codec/exit.ts"
import { PendingOn } from "../codec/pendingOn.ts"
import type { AppliedRule as RuntimeAppliedRule } from "../runtime/read/AppliedRule.ts"
import type * as Control from "../runtime/read/Control.ts"
import type { ExplainedDecision as RuntimeExplainedDecision } from "../runtime/read/DecisionLog.ts"
import { Node } from "./wire.ts"

const AppliedRule = whole<RuntimeAppliedRule>()(
  Schema.Struct({
    path: Schema.String,
    key: Schema.Literals([
      "restart",
      "strategy",
      "intensity",
      "onIntensity",
      "backoff",
      "needs",
      "breaker",
      "startGate",
      "heartbeat",
      "health",
      "autoShutdown",
      "boot"
    ]),
    value: Schema.optionalKey(Schema.Unknown),
    text: Schema.String,
    site: Schema.optionalKey(Schema.Struct({ file: Schema.String, line: Schema.Int })),
    byDefault: Schema.optionalKey(Schema.Boolean)
  })
)

const Evidence = Schema.Struct({
  exit: Exit,
  normal: Schema.Boolean,
  uptimeMs: Schema.Finite,
  pressure: Schema.optionalKey(Schema.Finite),
  siblings: Schema.optionalKey(Schema.Int),
  score: Schema.optionalKey(Schema.Finite),
  strays: Schema.optionalKey(Schema.Array(Schema.Int))
})

const Counted = Schema.Struct({
  count: Schema.Int,
  intensity: Schema.Int,
  periodMs: Schema.Finite,
  failures: Schema.Array(Failure)
})

const Outcome = Schema.Union([
  Schema.TaggedStruct("Restart", { affected: Schema.Int, first: Schema.Array(Schema.String) }),
  Schema.TaggedStruct("Defer", { by: PendingOn }),
  Schema.TaggedStruct("LeaveDown", {}),
  Schema.TaggedStruct("Fail", {}),
  Schema.TaggedStruct("Escalate", { exit: Exit })
])

const ExplainedDecision = whole<RuntimeExplainedDecision>()(
  Schema.Struct({
    at: Schema.Finite,
    decision: Schema.Struct({
      path: Schema.String,
      incarnation: Schema.Int,
      at: Schema.Finite,
      evidence: Evidence,
      rules: Schema.Array(AppliedRule),
      window: Schema.optionalKey(Counted),
      outcome: Outcome,
      next: Schema.optionalKey(Schema.Struct({ attempt: Schema.Int, delayMs: Schema.Finite, at: Schema.Finite }))
    })
  })
).annotate({ identifier: "Decision" })

export const Why = whole<Control.Why>()(
  Schema.Struct({
    path: Schema.String,
    now: Schema.Finite,
    at: Schema.Finite,
    node: Schema.optionalKey(Node),
    above: Schema.optionalKey(Node),
    holdSince: Schema.optionalKey(Schema.Finite),
    logFailing: Schema.optionalKey(Schema.Struct({ errno: Schema.String, since: Schema.Finite })),
    decisions: Schema.Array(ExplainedDecision),
    more: Schema.Int,
    complete: Schema.Boolean,
    rule: Schema.optionalKey(AppliedRule),
    silence: Schema.optionalKey(HeartbeatSilence),
    conviction: Schema.optionalKey(ConvictionExit),
    commonSilence: Schema.optionalKey(
      Schema.Struct({ supervisor: Schema.String, suspects: Schema.Int, of: Schema.Int, until: Schema.Finite })
    ),
    probe: Schema.optionalKey(Schema.String)
  })
).annotate({ identifier: "Why" })
