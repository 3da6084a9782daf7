/** The error of a log that cannot be read. */
import * as Schema from "effect/Schema"
import { SentenceError } from "../../tree/SentenceError.ts"

/** A log file, or its folder, cannot be read. */
export class NotReadable extends SentenceError<NotReadable>()("NotReadable", { because: Schema.String }) {
  override get message(): string {
    return `The logs cannot be read: ${this.because}.`
  }
}
