/**
 * `--record FILE`: writes every event the core receives and every decision to a file, for `supervise rehearse --replay
 * FILE`.
 */
import { closeSync, createWriteStream, openSync } from "node:fs"
import * as Effect from "effect/Effect"
import type { JournalEntry } from "../core/Journal.ts"
import { entryLine, headerLine } from "../core/Journal.ts"
import { encodeTree } from "../tree/decode.ts"
import { redactSpec } from "../tree/redactSpec.ts"
import type { Tree } from "../tree/Spec.ts"
import { errors } from "./print/errors.ts"
import { NotWritten } from "./print/print.ts"

/** How much may wait for a slow disk to be written. Beyond that the recording ends, and the tree runs on. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024

interface Recorder {
  readonly seed: number
  readonly onJournalEntry: (entry: JournalEntry) => void
  /** Writes what is still to be written, and closes the file. */
  readonly close: Effect.Effect<void>
}

/** An existing file is not overwritten. Secrets are not written, unless they are to be shown. */
export const recordIn = (file: string, tree: Tree, showSecrets: boolean): Effect.Effect<Recorder, NotWritten> =>
  Effect.gen(function* () {
    const fd = yield* Effect.try({
      try: () => openSync(file, "wx", 0o600),
      catch: (error) => new NotWritten({ because: whyNot(file, error) })
    })
    const seed = Math.floor(Math.random() * 2 ** 31)
    const shown = showSecrets ? <A>(value: A): A => value : redactSpec
    const stream = createWriteStream(file, { fd, autoClose: false })
    let isOver = false
    const abort = (because: string): void => {
      if (!isOver) errors.line(`The recording in ${file} ends here: ${because}. The tree goes on.`)
      isOver = true
    }
    stream.on("error", (error: NodeJS.ErrnoException) => abort(error.code ?? error.message))
    stream.write(`${headerLine({ tree: shown(encodeTree(tree)), seed })}\n`)
    const onJournalEntry = (entry: JournalEntry): void => {
      if (isOver) return
      if (stream.writableLength > MAX_PENDING_BYTES) return abort("the disk does not keep up")
      stream.write(`${entryLine(shown(entry))}\n`)
    }
    const close = Effect.callback<void>((resume) => {
      stream.end(() => {
        closeSync(fd)
        resume(Effect.void)
      })
      if (isOver) resume(Effect.void)
    })
    return { seed, onJournalEntry, close }
  })

export function whyNot(file: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return code === "EEXIST" ? `${file} already exists, and is not overwritten` : `${file}: ${code}`
}
