/** The keeper has ended, or is of no use. Nothing of what it ran is alive, as the guard above it ends all of it. */
import * as Schema from "effect/Schema"
import { SentenceError } from "../../tree/SentenceError.ts"

/** `because` completes "The keeper …". The pid is unknown if it could not be started. */
export class KeeperLost extends SentenceError<KeeperLost>()("KeeperLost", {
  pid: Schema.optional(Schema.Number),
  because: Schema.String
}) {
  override get message(): string {
    const which = this.pid === undefined ? "" : ` (pid ${this.pid})`
    const now = "Every process it ran has ended with it; a new one is started for what starts from now on."
    return `The keeper${which}, the parent of all workers, ${this.because}. ${now}`
  }
}
