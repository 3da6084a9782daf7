/** The sentence for those who look for a tree and find none. */
import * as Schema from "effect/Schema"

/** No tree runs with this state directory; or what answers there is none of ours. */
export class NotRunning extends Schema.TaggedError<NotRunning>()("NothingRunning", {
  directory: Schema.String,
  because: Schema.String
}) {
  override get message(): string {
    return `Nothing runs with the state directory ${this.directory}: ${this.because}.`
  }
}
