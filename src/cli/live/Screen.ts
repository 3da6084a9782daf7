/**
 * A terminal with a frame at the bottom that is redrawn in place, and lines that scroll by above it.
 *
 * Everything reaches the terminal in one write: erase the old frame, print the lines, draw the new frame. Between two
 * writes the terminal is as a shell expects it, with the cursor below the frame, so that we may be stopped or killed at
 * any time. While the terminal is slow or stopped, lines are buffered and frames skipped, within the limits of
 * `Output`.
 */
import type { WriteStream } from "node:tty"
import { stripVTControlCharacters } from "node:util"
import { createLogUpdate } from "log-update"
import { type Output, streamSink } from "../print/Output.ts"
import { printable } from "../print/terminal.ts"

/** At most this much text is buffered, in characters, and as much again may be on its way. */
const MAX_PENDING_CHARS = 512 * 1024
/** This much text does not wait for the next frame. */
const BATCH_CHARS = 64 * 1024
/** Lines that come within this time are written together. */
const GATHER_MS = 4
/** Between two writes: ten frames a second are as many as anyone can read. */
const FRAME_INTERVAL_MS = 100
/** Drawing a frame may take 1/25 of the time at most: the more a frame costs, the rarer it is. */
const COST_FACTOR = 25
/** While a window is resized, many sizes are reported; drawing waits for the last. */
const SETTLE_MS = 100

/** Drawn at once, where the terminal supports it, and without a jumping cursor. */
const BEGIN = "\x1b[?2026h\x1b[?25l"
const END = "\x1b[?25h\x1b[?2026l"
/** If the terminal became narrower without telling us yet, the frame is cut rather than wrapped. */
const NO_WRAP = "\x1b[?7l"
const WRAP = "\x1b[?7h"
const ERASE_ABOVE = "\x1b[1A\x1b[2K"

export interface Size {
  readonly columns: number
  readonly rows: number
}

interface Screen extends Output {
  /** The frame needs to be redrawn. */
  readonly refresh: () => void
  /** Removes the frame for good; lines are still accepted. */
  readonly close: () => void
}

/** `compose` returns the lines of a frame, not wider than the screen. */
export function makeScreen(
  stream: WriteStream,
  compose: (size: Size) => ReadonlyArray<string>,
  sayDropped: (lines: number) => string
): Screen {
  const sink = streamSink(stream)
  const size = (): Size => ({ columns: stream.columns || 80, rows: stream.rows || 24 })

  let captured = ""
  const canvas = {
    get columns() {
      return size().columns
    },
    get rows() {
      return size().rows
    },
    write: (text: string) => {
      captured += text
      return true
    }
  }
  const frame = createLogUpdate(canvas as unknown as NodeJS.WritableStream, { showCursor: true })
  const capture = (act: () => void): string => {
    captured = ""
    act()
    return captured
  }

  let pending = ""
  let dropped = 0
  let wanted: ReadonlyArray<string> = []
  /** What is on the screen, and the width it was drawn for. */
  let drawn: ReadonlyArray<string> = []
  let drawnColumns = 0
  let stale = false
  let resized = false
  let closed = false
  let isWaiting = false
  let isUrgent = false
  let timer: NodeJS.Timeout | undefined
  let writeAt = 0
  let composeAt = 0

  const gap = (): string => {
    const text = dropped > 0 ? `${sayDropped(dropped)}\n` : ""
    dropped = 0
    return text
  }
  const line = (text: string): void => {
    if (pending.length > MAX_PENDING_CHARS) dropped++
    else pending += `${gap()}${printable(text)}\n`
    if (!isUrgent && pending.length > BATCH_CHARS) writeNow()
    else schedule()
  }
  const writeNow = (): void => {
    isUrgent = true
    writeAt = 0
    clearTimeout(timer)
    timer = undefined
    schedule()
  }

  /** In a narrower terminal the old frame was wrapped, and takes more lines than when it was drawn. */
  const wrappedLines = (): number => {
    const { columns, rows } = size()
    if (columns === drawnColumns) return 0
    const rowsOf = (text: string) => Math.max(1, Math.ceil(stripVTControlCharacters(text).length / columns))
    return Math.min(
      rows,
      drawn.reduce((sum, text) => sum + rowsOf(text) - 1, 0)
    )
  }
  const erase = (): string => capture(frame.clear) + ERASE_ABOVE.repeat(wrappedLines())

  const put = (next: ReadonlyArray<string>): void => {
    const above = pending === "" && !resized && next.length > 0 ? "" : erase() + pending
    const below = next.length > 0 ? capture(() => frame(next.join("\n"))) : ""
    pending = ""
    isUrgent = false
    resized = false
    drawn = next
    drawnColumns = size().columns
    if (above + below !== "") sink.take(`${BEGIN}${above}${NO_WRAP}${below}${WRAP}${END}`)
  }

  const draw = (): void => {
    timer = undefined
    if (sink.isGone()) pending = ""
    if (closed || sink.isGone()) return
    if (!sink.isFree()) {
      if (!isWaiting) sink.whenFree(resume)
      isWaiting = true
      return
    }
    const now = performance.now()
    if (stale && now >= composeAt) {
      stale = false
      wanted = compose(size()).map(printable)
      composeAt = now + (performance.now() - now) * COST_FACTOR
    }
    put(wanted)
    writeAt = now + FRAME_INTERVAL_MS
    if (stale) schedule()
  }
  const resume = (): void => {
    isWaiting = false
    schedule()
  }
  const schedule = (): void => {
    if (closed) return put([])
    if (timer !== undefined || isWaiting) return
    const at = pending === "" && !resized ? Math.max(writeAt, composeAt) : writeAt
    timer = setTimeout(draw, Math.max(GATHER_MS, at - performance.now())).unref()
  }

  const refresh = (): void => {
    stale = true
    if (!closed) schedule()
  }
  const resize = (): void => {
    resized = true
    composeAt = 0
    writeAt = performance.now() + SETTLE_MS
    clearTimeout(timer)
    timer = undefined
    refresh()
  }
  /** After Ctrl-Z and `fg`: what is above the cursor now belongs to the shell. */
  const forget = (): void => {
    frame.done()
    drawn = []
    resize()
  }
  stream.on("resize", resize)
  process.on("SIGCONT", forget)

  const close = (): void => {
    if (closed) return
    closed = true
    clearTimeout(timer)
    stream.off("resize", resize)
    process.off("SIGCONT", forget)
    pending += gap()
    put([])
  }
  const flush = async (): Promise<void> => {
    if (!sink.isFree()) await sink.flush()
    close()
    await sink.flush()
  }
  return { line, flush, refresh, close }
}
