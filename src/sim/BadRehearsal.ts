/** Thrown when a rehearsal cannot be run: an unknown path, an invalid time, a recording of another tree. */
import * as Schema from "effect/Schema"
import { SentenceError } from "../tree/SentenceError.ts"

export class BadRehearsal extends SentenceError<BadRehearsal>()("BadRehearsal", {
  /** A sentence: what was found, where, and what was expected. */
  because: Schema.String
}) {
  override get message(): string {
    return this.because
  }
}
