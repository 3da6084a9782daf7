/** `--record FILE`: what the core hears and what it decides is written down while the tree runs, for `supervise rehearse --replay FILE`. */
import { closeSync, createWriteStream, openSync } from "node:fs"
import * as Effect from "effect/Effect"
import type { JournalEntry } from "../core/Journal.ts"
import { entryLine, headLine } from "../core/Journal.ts"
import { encodeTree } from "../tree/decode.ts"
import type { Tree } from "../tree/Spec.ts"
import { errors } from "./print/errors.ts"
import { NotWritten } from "./print/print.ts"

/** So much may wait for a slow disk; then the recording ends, and the tree goes on. */
const PENDING_BYTES = 64 * 1024 * 1024

interface Recorder {
  readonly seed: number
  readonly onMoment: (moment: JournalEntry) => void
  /** Everything is on its way to the disk. */
  readonly flush: Effect.Effect<void>
}

/** A file that is there already is not overwritten. */
export const recordIn = (file: string, tree: Tree): Effect.Effect<Recorder, NotWritten> =>
  Effect.gen(function* () {
    const fd = yield* Effect.try({
      try: () => openSync(file, "wx", 0o600),
      catch: (error) => new NotWritten({ because: whyNot(file, error) })
    })
    const seed = Math.floor(Math.random() * 2 ** 31)
    const stream = createWriteStream(file, { fd, autoClose: false })
    let over = false
    const giveUp = (because: string): void => {
      if (!over) errors.line(`The recording in ${file} ends here: ${because}. The tree goes on.`)
      over = true
    }
    stream.on("error", (error: NodeJS.ErrnoException) => giveUp(error.code ?? error.message))
    stream.write(`${headLine({ tree: encodeTree(tree), seed })}\n`)
    const onMoment = (moment: JournalEntry): void => {
      if (over) return
      if (stream.writableLength > PENDING_BYTES) return giveUp("the disk does not keep up")
      stream.write(`${entryLine(moment)}\n`)
    }
    const flush = Effect.callback<void>((resume) => {
      stream.end(() => {
        closeSync(fd)
        resume(Effect.void)
      })
      if (over) resume(Effect.void)
    })
    return { seed, onMoment, flush }
  })

export function whyNot(file: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return code === "EEXIST" ? `${file} is there already, and is not overwritten` : `${file}: ${code}`
}
