/**
 * Writes lines of printable text to a stream that may be slow, stopped (Ctrl-S), full or gone, without blocking the
 * supervisor or growing without bound: what cannot be written now is dropped in whole lines, and counted.
 */
import { fstatSync, writeSync } from "node:fs"
import type { WriteStream } from "node:tty"
import { printable } from "./terminal.ts"

/** At most this much waits to be written. */
const MAX_PENDING_BYTES = 1024 * 1024
/** How long to wait for a slow reader at the end. */
const FLUSH_MS = 1000

export interface Output {
  readonly line: (text: string) => void
  /** Done when everything is written, or there is no reader left. */
  readonly flush: () => Promise<void>
}

interface Sink {
  /** Takes all of the text and returns true, or takes nothing and returns false. */
  readonly take: (text: string) => boolean
  readonly flush: () => Promise<void>
}

/** `sayDropped` returns the line that stands for missing lines. */
export function makeOutput(stream: NodeJS.WriteStream & { readonly fd: number }, sayDropped: (lines: number) => string): Output {
  const { take, flush } = isFile(stream.fd) ? fileSink(stream.fd) : streamSink(stream)
  let dropped = 0
  const gap = (): string => (dropped > 0 ? `${sayDropped(dropped)}\n` : "")
  const line = (text: string): void => {
    if (take(`${gap()}${printable(text)}\n`)) dropped = 0
    else dropped++
  }
  const finish = async (): Promise<void> => {
    await flush()
    if (dropped > 0 && take(gap())) await flush()
  }
  return { line, flush: finish }
}

const isFile = (fd: number): boolean => {
  const stats = fstatSync(fd)
  return stats.isFile() || stats.isBlockDevice()
}

/** A disk may be full for a while, but Node's own stream would be closed for good after the first error. */
function fileSink(fd: number): Sink {
  let torn = false
  const take = (text: string): boolean => {
    const bytes = Buffer.from(torn ? `\n${text}` : text)
    let written = 0
    try {
      while (written < bytes.length) written += writeSync(fd, bytes, written)
      torn = false
      return true
    } catch {
      torn ||= written > 0
      return false
    }
  }
  return { take, flush: () => Promise.resolve() }
}

interface StreamSink extends Sink {
  /** Whether everything it took is written. */
  readonly isFree: () => boolean
  /** Calls `then` once, when everything it has taken so far is written. */
  readonly whenFree: (then: () => void) => void
  /** Whether there is no reader left. */
  readonly isGone: () => boolean
}

export function streamSink(stream: NodeJS.WriteStream): StreamSink {
  let gone = false
  neverBlock(stream)
  stream.on("error", () => {
    gone = true
  })
  const take = (text: string): boolean => {
    if (gone) return true // there is no reader to miss it
    if (stream.writableLength > MAX_PENDING_BYTES) return false
    stream.write(text)
    return true
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
  const whenFree = (then: () => void): void => {
    stream.write("", then)
  }
  return { take, flush, isFree: () => stream.writableLength === 0, whenFree, isGone: () => gone }
}

/**
 * Node writes to a terminal synchronously, so one Ctrl-S would stop all supervision. libuv reopened the terminal, so
 * this does not affect other processes.
 */
function neverBlock(stream: NodeJS.WriteStream): void {
  const handle = (stream as WriteStream & { _handle?: { setBlocking?: (blocking: boolean) => void } })._handle
  if (stream.isTTY) handle?.setBlocking?.(false)
}
