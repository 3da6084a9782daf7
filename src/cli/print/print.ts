/** Prints the one answer of a command, and makes sure that it arrives: whoever saves it must not believe in half a file. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

export class NotWritten extends Schema.TaggedError<NotWritten>()("NotWritten", { because: Schema.String }) {
  override get message(): string {
    return `The output could not be written: ${this.because}.`
  }
}

export const print = (text: string): Effect.Effect<void, NotWritten> =>
  Effect.callback<void, NotWritten>((resume) => {
    process.stdout.on("error", () => {}) // the callback below hears of it too
    process.stdout.write(`${text}\n`, (error) => {
      const because = (error as NodeJS.ErrnoException | null | undefined)?.code
      // A reader that has seen enough, such as `head`, is no trouble.
      resume(because === undefined || because === "EPIPE" ? Effect.void : Effect.fail(new NotWritten({ because })))
    })
  })
