/** Reads the evaluator's answer. A tree file may have written it, or anything else, so nothing is taken on trust. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ANSWER_FD, type Answer } from "./Answer.ts"

const Line = Schema.Number
const Location = Schema.Struct({ file: Schema.String, line: Line, keys: Schema.Record(Schema.String, Line) })
const Problem = Schema.Struct({
  path: Schema.String,
  found: Schema.String,
  expected: Schema.String,
  suggestion: Schema.optionalKey(Schema.String)
})
const AnswerText: Schema.Codec<Answer, string> = Schema.fromJsonString(
  Schema.Union([
    Schema.Struct({
      _tag: Schema.Literal("Exported"),
      spec: Schema.Unknown,
      locations: Schema.Record(Schema.String, Location)
    }),
    Schema.Struct({ _tag: Schema.Literal("NotPlain"), problems: Schema.Array(Problem) }),
    Schema.Struct({ _tag: Schema.Literal("Failed"), because: Schema.String })
  ])
)
const decode = Schema.decodeUnknownOption(AnswerText)

export const readAnswer = (text: string): Answer =>
  Option.getOrElse(decode(text), () => ({
    _tag: "Failed",
    because: `it writes to descriptor ${ANSWER_FD}, which is reserved for its answer.`
  }))
