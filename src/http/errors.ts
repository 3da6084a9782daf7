/** How a request to a running tree can fail, each with a sentence for a person. */
import * as Schema from "effect/Schema"
import { SentenceError } from "../tree/SentenceError.ts"

/** The longest request body, in MiB. */
export const MAX_BODY_MIB = 1

/** A request or a response that does not fit the control API, such as a path that is not a string. Nothing was done. */
export class InvalidRequest extends SentenceError<InvalidRequest>()("InvalidRequest", { because: Schema.String }) {
  override get message(): string {
    return `This does not fit the control API: ${this.because}.`
  }
}

/** The supervisor of this state directory runs but does not answer. */
export class Unresponsive extends SentenceError<Unresponsive>()("Unresponsive", {
  directory: Schema.String,
  /** Undefined if the pid file is missing. */
  pid: Schema.UndefinedOr(Schema.Number),
  because: Schema.String
}) {
  override get message(): string {
    const pid = this.pid === undefined ? "" : ` (pid ${this.pid})`
    return `${this.directory}'s supervisor${pid} runs but does not answer: ${this.because}.`
  }
}

/** No tree runs with this state directory, or what answers there is not ours. */
export class NotRunning extends SentenceError<NotRunning>()("NotRunning", {
  directory: Schema.String,
  because: Schema.String
}) {
  override get message(): string {
    return `Nothing runs with the state directory ${this.directory}: ${this.because}.`
  }
}

/** The remote tree was disposed of and cannot be used any more. */
export class Detached extends SentenceError<Detached>()("Detached", { root: Schema.String }) {
  override get message(): string {
    return `No longer attached to ${this.root}; attach again.`
  }
}
