/**
 * Bytes into lines, for one stream.
 *
 * Works on bytes, not on text: a newline byte never occurs inside a UTF-8 character, so a line is decoded once, whole, by whoever
 * takes it, and not at all when nobody does. What comes out depends on the bytes alone, never on how they were cut into chunks.
 */

/** A longer line, in bytes without its newline, is told in pieces. */
export const LINE_LIMIT = 64 * 1024

/** One line, or a piece of one, as a part of `bytes` that is valid only during the call. `continues`: its next piece follows. */
type TakeLine = (bytes: Buffer, start: number, end: number, continues: boolean) => void

const NEWLINE = 0x0a
const RETURN = 0x0d
/** So many bytes without a newline decide that the line is too long: one may be a carriage return, the next is beyond it. */
const TOO_LONG = LINE_LIMIT + 2
/** The longest UTF-8 character has three bytes after its first. */
const LONGEST_TAIL = 3
const SMALLEST_STORE = 64

export class Lines {
  /** The unfinished line: the first `held` bytes of `store`. Its own copy, so that a few bytes do not keep a whole chunk alive. */
  private store: Buffer | undefined = undefined
  private held = 0

  /** Tells every line that `chunk` completes. */
  push(chunk: Buffer, take: TakeLine): void {
    let start = 0
    while (start < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, start)
      if (this.held === 0 && newline >= 0) {
        this.line(chunk, start, withoutReturn(chunk, start, newline), take)
        start = newline + 1
      } else {
        const end = newline >= 0 ? newline : chunk.length
        const taken = this.hold(chunk, start, end)
        start += taken
        if (this.held >= TOO_LONG) this.cut(take)
        else if (newline >= 0 && start === newline) {
          this.finish(withoutReturn(this.store!, 0, this.held), take)
          start += 1
        }
      }
    }
  }

  /** The stream is over: tells what came after the last newline. */
  end(take: TakeLine): void {
    if (this.held > 0) this.finish(this.held, take)
    this.store = undefined
  }

  /** Tells the held line, of which `end` bytes count. */
  private finish(end: number, take: TakeLine): void {
    const store = this.store!
    this.held = 0
    this.line(store, 0, end, take)
    if (store.length > SMALLEST_STORE) this.store = undefined
  }

  /** Tells one complete line, in pieces if it must be. */
  private line(bytes: Buffer, start: number, end: number, take: TakeLine): void {
    let from = start
    while (end - from > LINE_LIMIT) {
      const to = border(bytes, from)
      take(bytes, from, to, true)
      from = to
    }
    take(bytes, from, end, false)
  }

  /** Tells the first piece of a held line that is too long, and goes on holding the rest. */
  private cut(take: TakeLine): void {
    const store = this.store!
    const to = border(store, 0)
    take(store, 0, to, true)
    store.copyWithin(0, to, this.held)
    this.held -= to
  }

  /** Copies what fits of chunk[start, end) to the held line; answers how much that was. */
  private hold(chunk: Buffer, start: number, end: number): number {
    const size = Math.min(end - start, TOO_LONG - this.held)
    const need = this.held + size
    if (this.store === undefined || this.store.length < need) {
      // Doubling, so that a line which comes byte by byte is not copied as often as it has bytes.
      const grown = Buffer.allocUnsafeSlow(Math.min(TOO_LONG, Math.max(need, 2 * this.held, SMALLEST_STORE)))
      this.store?.copy(grown, 0, 0, this.held)
      this.store = grown
    }
    chunk.copy(this.store, this.held, start, start + size)
    this.held = need
    return size
  }
}

/** Where a piece that starts at `from` ends: at the limit, or just before the character that would be torn there. */
function border(bytes: Buffer, from: number): number {
  const limit = from + LINE_LIMIT
  for (let at = limit; at >= limit - LONGEST_TAIL; at--) {
    if ((bytes[at]! & 0b1100_0000) !== 0b1000_0000) return at
  }
  return limit
}

function withoutReturn(bytes: Buffer, start: number, end: number): number {
  return end > start && bytes[end - 1] === RETURN ? end - 1 : end
}
