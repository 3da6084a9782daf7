/** A refused command: the sentence to print and the exit code. */
import * as Schema from "effect/Schema"

export class CommandFailed extends Schema.TaggedError<CommandFailed>()("CommandFailed", { sentence: Schema.String, code: Schema.Number }) {
  override get message(): string {
    return this.sentence
  }
}
