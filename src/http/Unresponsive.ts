/** The sentence for those whose tree runs, and whose supervisor cannot be asked. */
import * as Schema from "effect/Schema"

/** The supervisor of this state directory is alive, and does not answer. */
export class Unresponsive extends Schema.TaggedError<Unresponsive>()("NotAnswering", {
  directory: Schema.String,
  /** Undefined if it has not written it down. */
  pid: Schema.UndefinedOr(Schema.Number),
  because: Schema.String
}) {
  override get message(): string {
    const pid = this.pid === undefined ? "" : ` (pid ${this.pid})`
    return `${this.directory}'s supervisor${pid} runs but does not answer: ${this.because}.`
  }
}
