/** A refused command: the sentence to print and the exit code. */
import * as Schema from "effect/Schema"
import { SentenceError } from "../tree/SentenceError.ts"

export class CommandFailed extends SentenceError<CommandFailed>()("CommandFailed", { sentence: Schema.String, code: Schema.Number }) {
  override get message(): string {
    return this.sentence
  }
}
