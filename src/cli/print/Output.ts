/**
 * Writes to a stream that may be slow, stopped (Ctrl-S) or gone, without ever blocking the supervisor or growing without bound: what does
 * not fit is dropped by whole lines, and counted.
 */
import type { WriteStream } from "node:tty"

/** So much may wait to be written. */
const PENDING_BYTES = 1024 * 1024
/** How long we wait for a slow reader at the end. */
const FLUSH_MS = 1000

export interface Output {
  readonly line: (text: string) => void
  /** Done when all is written, or nobody reads. */
  readonly flush: () => Promise<void>
}

export function makeOutput(stream: NodeJS.WriteStream, sayDropped: (lines: number) => string): Output {
  let dropped = 0
  let gone = false
  neverBlock(stream)
  stream.on("error", () => void (gone = true))

  const line = (text: string): void => {
    if (gone) return
    if (stream.writableLength > PENDING_BYTES) return void dropped++
    if (dropped > 0) stream.write(`${sayDropped(dropped)}\n`)
    dropped = 0
    stream.write(`${text}\n`)
  }

  const flush = (): Promise<void> =>
    new Promise((done) => {
      if (gone || stream.writableLength === 0) return done()
      const timer = setTimeout(done, FLUSH_MS)
      stream.write("", () => {
        clearTimeout(timer)
        done()
      })
    })

  return { line, flush }
}

/** Node writes to a terminal synchronously: one Ctrl-S in it would stop all supervision. libuv has opened the terminal anew, so this is ours alone. */
function neverBlock(stream: NodeJS.WriteStream): void {
  const handle = (stream as WriteStream & { _handle?: { setBlocking?: (blocking: boolean) => void } })._handle
  if (stream.isTTY) handle?.setBlocking?.(false)
}
