/**
 * Prints the answer of a command, and fails if it does not arrive: a script must not mistake half a file for all of it.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { SentenceError } from "../../tree/SentenceError.ts"
import { printable } from "./terminal.ts"

export class NotWritten extends SentenceError<NotWritten>()("NotWritten", { because: Schema.String }) {
  override get message(): string {
    return `The output could not be written: ${this.because}.`
  }
}

/** Returns false when the reader is gone, which is not a failure: `head` has seen enough. */
export const print = (text: string): Effect.Effect<boolean, NotWritten> =>
  Effect.callback<boolean, NotWritten>((resume) => {
    if (process.stdout.listenerCount("error") === 0) process.stdout.on("error", () => {}) // the callback below gets it, too
    process.stdout.write(`${printable(text)}\n`, (error) => {
      const because = (error as NodeJS.ErrnoException | null | undefined)?.code
      resume(
        because === undefined || because === "EPIPE" ? Effect.succeed(because === undefined) : Effect.fail(new NotWritten({ because }))
      )
    })
  })
