/** Prints an answer of a command, and makes sure that it arrives: whoever saves it must not believe in half a file. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

export class NotWritten extends Schema.TaggedError<NotWritten>()("NotWritten", { because: Schema.String }) {
  override get message(): string {
    return `The output could not be written: ${this.because}.`
  }
}

/** Answers false when nobody reads any more: a reader that has seen enough, such as `head`, is no trouble. */
export const print = (text: string): Effect.Effect<boolean, NotWritten> =>
  Effect.callback<boolean, NotWritten>((resume) => {
    if (process.stdout.listenerCount("error") === 0) process.stdout.on("error", () => {}) // the callback below hears of it too
    process.stdout.write(`${text}\n`, (error) => {
      const because = (error as NodeJS.ErrnoException | null | undefined)?.code
      resume(
        because === undefined || because === "EPIPE" ? Effect.succeed(because === undefined) : Effect.fail(new NotWritten({ because }))
      )
    })
  })
