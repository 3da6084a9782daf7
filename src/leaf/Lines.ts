/**
 * Splits the bytes of one stream into lines.
 *
 * Works on bytes, not on text: a newline byte never occurs inside a UTF-8 character, so a line can be decoded once,
 * whole, and need not be decoded at all if it is dropped. The result depends on the bytes alone, never on how they
 * were cut into chunks; except that an unfinished line can be passed on early.
 */

/** A longer line, in bytes without its newline, comes in pieces. */
export const LINE_LIMIT = 64 * 1024

/** Receives one line, or a piece of one. `bytes` is valid only during the call. `continues`: the next piece follows. */
type OnLine = (bytes: Buffer, start: number, end: number, continues: boolean) => void

const NEWLINE = 0x0a
const RETURN = 0x0d
/**
 * The line is surely too long with this many bytes and no newline: one byte may be a carriage return, the next is over
 * the limit.
 */
const TOO_LONG = LINE_LIMIT + 2
/** The longest UTF-8 character has three bytes after the first. */
const LONGEST_TAIL = 3
const SMALLEST_STORE = 64

export class Lines {
  /** The first `stored` bytes are the unfinished line. A copy, so that a few bytes do not keep a whole chunk alive. */
  private store: Buffer | undefined = undefined
  private stored = 0
  /** A piece of the unfinished line was passed on. */
  private isContinued = false

  /** Something of the last line was not passed on yet. */
  get isUnfinished(): boolean {
    return this.stored > 0
  }

  /** Passes on every line that `chunk` completes. */
  push(chunk: Buffer, onLine: OnLine): void {
    let start = 0
    while (start < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, start)
      if (this.stored === 0 && newline >= 0) {
        this.line(chunk, start, withoutReturn(chunk, start, newline), onLine)
        start = newline + 1
      } else {
        const end = newline >= 0 ? newline : chunk.length
        const copied = this.hold(chunk, start, end)
        start += copied
        if (this.stored >= TOO_LONG) this.cut(onLine)
        else if (newline >= 0 && start === newline) {
          this.finish(withoutReturn(this.store!, 0, this.stored), onLine)
          start += 1
        }
      }
    }
  }

  /** Passes on what there is of the unfinished line, as a piece of it. */
  passOn(onLine: OnLine): void {
    if (this.stored === 0) return
    const end = completeEnd(this.store!, this.stored)
    if (end === 0) return
    onLine(this.store!, 0, end, true)
    this.isContinued = true
    this.store!.copyWithin(0, end, this.stored)
    this.stored -= end
  }

  /** The stream has ended: passes on what came after the last newline. */
  end(onLine: OnLine): void {
    if (this.stored > 0) this.finish(this.stored, onLine)
    else if (this.isContinued) onLine(Buffer.alloc(0), 0, 0, false)
    this.store = undefined
  }

  /** Passes on the first `end` bytes of the stored line. */
  private finish(end: number, onLine: OnLine): void {
    const store = this.store!
    this.stored = 0
    this.line(store, 0, end, onLine)
    if (store.length > SMALLEST_STORE) this.store = undefined
  }

  /** Passes on one complete line, in pieces if it is too long. */
  private line(bytes: Buffer, start: number, end: number, onLine: OnLine): void {
    let from = start
    while (end - from > LINE_LIMIT) {
      const to = pieceEnd(bytes, from)
      onLine(bytes, from, to, true)
      from = to
    }
    this.isContinued = false
    onLine(bytes, from, end, false)
  }

  /** Passes on the first piece of a stored line that is too long, and keeps the rest. */
  private cut(onLine: OnLine): void {
    const store = this.store!
    const to = pieceEnd(store, 0)
    onLine(store, 0, to, true)
    this.isContinued = true
    store.copyWithin(0, to, this.stored)
    this.stored -= to
  }

  /** Copies what fits of chunk[start, end) to the stored line. Returns the number of bytes copied. */
  private hold(chunk: Buffer, start: number, end: number): number {
    const size = Math.min(end - start, TOO_LONG - this.stored)
    const length = this.stored + size
    if (this.store === undefined || this.store.length < length) {
      // Doubling, so that a line that comes byte by byte is not copied once per byte.
      const grown = Buffer.allocUnsafeSlow(Math.min(TOO_LONG, Math.max(length, 2 * this.stored, SMALLEST_STORE)))
      this.store?.copy(grown, 0, 0, this.stored)
      this.store = grown
    }
    chunk.copy(this.store, this.stored, start, start + size)
    this.stored = length
    return size
  }
}

/** Where a piece that starts at `from` ends: at the limit, or before the character that the limit would split. */
function pieceEnd(bytes: Buffer, from: number): number {
  const limit = from + LINE_LIMIT
  for (let at = limit; at >= limit - LONGEST_TAIL; at--) {
    if ((bytes[at]! & 0b1100_0000) !== 0b1000_0000) return at
  }
  return limit
}

/** The end, or the start of the last character if some of its bytes are still to come. */
function completeEnd(bytes: Buffer, end: number): number {
  for (let at = end - 1; at >= Math.max(0, end - LONGEST_TAIL); at--) {
    const byte = bytes[at]!
    if ((byte & 0b1100_0000) === 0b1000_0000) continue
    const length = byte < 0b1100_0000 ? 1 : byte < 0b1110_0000 ? 2 : byte < 0b1111_0000 ? 3 : 4
    return at + length > end ? at : end
  }
  return end
}

function withoutReturn(bytes: Buffer, start: number, end: number): number {
  return end > start && bytes[end - 1] === RETURN ? end - 1 : end
}
