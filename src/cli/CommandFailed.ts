/** The sentence for those whose order was not carried out. */
import * as Schema from "effect/Schema"

/** An order that was not carried out, with its sentence and the exit code that goes with it. */
export class CommandFailed extends Schema.TaggedError<CommandFailed>()("CommandFailed", { sentence: Schema.String, code: Schema.Number }) {
  override get message(): string {
    return this.sentence
  }
}
