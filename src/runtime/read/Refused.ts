/** The error of `Control` for calls that the tree does not carry out. */
import { Refusal } from "../../codec/refusal.ts"
import { sayRefusal } from "../../core/Sentence.ts"
import { SentenceError } from "../../tree/SentenceError.ts"

/** A call that was refused. `why` is one of OTP's refusals, `message` a sentence for people. */
export class Refused extends SentenceError<Refused>()("Refused", { why: Refusal }) {
  override get message(): string {
    return sayRefusal(this.why)
  }
}
