/**
 * A terminal on which lines scroll by above a frame that stays at the bottom and is drawn anew in place.
 *
 * What reaches the terminal is always one write: the old frame taken away, the lines, the new frame. Between two writes the terminal is as
 * a shell would want it, with the cursor shown below the frame, so that we may be stopped or killed at any time. Lines are kept for a moment
 * and frames are left out while the terminal is slow or stopped; both are bounded as in `Output`.
 */
import type { WriteStream } from "node:tty"
import { stripVTControlCharacters } from "node:util"
import { createLogUpdate } from "log-update"
import { type Output, streamSink } from "../print/Output.ts"

/** So much text may wait to be written, and as much again may be on its way. */
const PENDING = 512 * 1024
/** So much of it does not wait for the next frame. */
const BATCH = 64 * 1024
/** What comes within this time goes out together. */
const GATHER_MS = 4
/** Between two writes: nobody reads faster than ten frames a second. */
const APART_MS = 100
/** A frame may cost the twenty-fifth part of the time, no more: the dearer it is, the rarer. */
const COST = 25
/** A window that is pulled larger or smaller says so many times; we draw when it has come to rest. */
const SETTLE_MS = 100

/** Drawn as one (where the terminal knows that), without a cursor that jumps about. */
const BEGIN = "\x1b[?2026h\x1b[?25l"
const END = "\x1b[?25h\x1b[?2026l"
/** Our frame fits; if the terminal has become narrower and has not told us yet, it is cut and not broken. */
const NO_WRAP = "\x1b[?7l"
const WRAP = "\x1b[?7h"
const ERASE_ABOVE = "\x1b[1A\x1b[2K"

export interface Size {
  readonly columns: number
  readonly rows: number
}

interface Screen extends Output {
  /** The frame is no longer what it should be. */
  readonly refresh: () => void
  /** Takes the frame away for good; lines are still taken. */
  readonly close: () => void
}

/** `compose` makes a frame, in lines that are not wider than the screen. */
export function makeScreen(
  stream: WriteStream,
  compose: (size: Size) => ReadonlyArray<string>,
  sayDropped: (lines: number) => string
): Screen {
  const sink = streamSink(stream)
  const size = (): Size => ({ columns: stream.columns || 80, rows: stream.rows || 24 })

  let ink = ""
  const paper = {
    get columns() {
      return size().columns
    },
    get rows() {
      return size().rows
    },
    write: (text: string) => {
      ink += text
      return true
    }
  }
  const frame = createLogUpdate(paper as unknown as NodeJS.WritableStream, { showCursor: true })
  const inked = (act: () => void): string => {
    ink = ""
    act()
    return ink
  }

  let pending = ""
  let dropped = 0
  let wanted: ReadonlyArray<string> = []
  /** What stands on the screen, and how wide the screen was then. */
  let drawn: ReadonlyArray<string> = []
  let drawnColumns = 0
  let stale = false
  let resized = false
  let closed = false
  let waiting = false
  let hurried = false
  let timer: NodeJS.Timeout | undefined
  let writeAt = 0
  let composeAt = 0

  const gap = (): string => {
    const said = dropped > 0 ? `${sayDropped(dropped)}\n` : ""
    dropped = 0
    return said
  }
  const line = (text: string): void => {
    if (pending.length > PENDING) dropped++
    else pending += `${gap()}${text}\n`
    if (!hurried && pending.length > BATCH) hurry()
    else schedule()
  }
  const hurry = (): void => {
    hurried = true
    writeAt = 0
    clearTimeout(timer)
    timer = undefined
    schedule()
  }

  /** Terminals break lines that have become too long, and the frame takes more of them than when it was drawn. */
  const brokenLines = (): number => {
    const { columns, rows } = size()
    if (columns === drawnColumns) return 0
    const rowsOf = (text: string) => Math.max(1, Math.ceil(stripVTControlCharacters(text).length / columns))
    return Math.min(
      rows,
      drawn.reduce((sum, text) => sum + rowsOf(text) - 1, 0)
    )
  }
  const erase = (): string => inked(frame.clear) + ERASE_ABOVE.repeat(brokenLines())

  const put = (next: ReadonlyArray<string>): void => {
    const above = pending === "" && !resized && next.length > 0 ? "" : erase() + pending
    const below = next.length > 0 ? inked(() => frame(next.join("\n"))) : ""
    pending = ""
    hurried = false
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
      if (!waiting) sink.whenFree(goOn)
      waiting = true
      return
    }
    const now = performance.now()
    if (stale && now >= composeAt) {
      stale = false
      wanted = compose(size())
      composeAt = now + (performance.now() - now) * COST
    }
    put(wanted)
    writeAt = now + APART_MS
    if (stale) schedule()
  }
  const goOn = (): void => {
    waiting = false
    schedule()
  }
  const schedule = (): void => {
    if (closed) return put([])
    if (timer !== undefined || waiting) return
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
  /** We were stopped; what stands above the cursor now is the shell's. */
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
