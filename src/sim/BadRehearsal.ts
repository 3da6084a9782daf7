/** What cannot be rehearsed: a path that is not in the tree, a time that is none, a recording of another tree. */
import * as Schema from "effect/Schema"

export class BadRehearsal extends Schema.TaggedError<BadRehearsal>()("BadRehearsal", {
  /** A sentence: what stood where, and what was expected. */
  because: Schema.String
}) {
  override get message(): string {
    return this.because
  }
}
