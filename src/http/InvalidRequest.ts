/** The sentence for those whose order is none. */
import * as Schema from "effect/Schema"

/** No order is longer. */
export const MAX_BODY_MIB = 1

/** An order that the control API does not understand, such as a path that is no text, and that is not carried out; or such an answer. */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>()("BadOrder", { because: Schema.String }) {
  override get message(): string {
    return `This does not fit the control API: ${this.because}.`
  }
}
