/** Thrown when a rehearsal cannot be run: an unknown path, an invalid time, a recording of another tree. */
import * as Schema from "effect/Schema"

export class BadRehearsal extends Schema.TaggedError<BadRehearsal>()("BadRehearsal", {
  /** A sentence: what was found, where, and what was expected. */
  because: Schema.String
}) {
  override get message(): string {
    return this.because
  }
}
