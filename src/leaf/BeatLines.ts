/**
 * Reads the lines of the notify descriptor: heartbeats and readiness (docs/heartbeats.md).
 *
 * A line that begins with `beat` is a heartbeat; a number after it is the sender's CLOCK_MONOTONIC in microseconds. Any
 * other line, also an empty one, means ready. There may be a hundred beats a second from each of hundreds of processes,
 * so a line never becomes a string, and only the part of an unfinished line that matters is kept.
 */

/** Of a longer line only the first bytes count. */
export const BEAT_LINE_LIMIT = 64
/** More digits than any clock needs, and the most that a number holds exactly. */
const MOST_DIGITS = 15

const NEWLINE = 0x0a
const SPACE = 0x20
const ZERO = 0x30
const NINE = 0x39
const [B, E, A, T] = [0x62, 0x65, 0x61, 0x74]
const BEAT_LENGTH = 4
const MICROS_PER_MS = 1_000

interface Callbacks {
  /** `sentAtMs` is what the sender claims, in milliseconds of its clock; nothing has checked it. */
  readonly beat: (sentAtMs: number | undefined) => void
  readonly ready: () => void
}

export class BeatLines {
  /** The first `stored` bytes are the unfinished line. Allocated only for a process that writes lines in pieces. */
  private store: Buffer | undefined = undefined
  private stored = 0
  private readonly callbacks: Callbacks

  constructor(callbacks: Callbacks) {
    this.callbacks = callbacks
  }

  /** Reports every line that `chunk` completes. An unfinished line at the end of the stream does not count. */
  push(chunk: Buffer): void {
    let start = 0
    let newline = chunk.indexOf(NEWLINE)
    if (this.stored > 0 && newline >= 0) {
      this.hold(chunk, 0, newline)
      this.line(this.store!, 0, this.stored)
      this.stored = 0
      start = newline + 1
      newline = chunk.indexOf(NEWLINE, start)
    }
    while (newline >= 0) {
      this.line(chunk, start, newline)
      start = newline + 1
      newline = chunk.indexOf(NEWLINE, start)
    }
    this.hold(chunk, start, chunk.length)
  }

  private hold(chunk: Buffer, start: number, end: number): void {
    const size = Math.min(end - start, BEAT_LINE_LIMIT - this.stored)
    if (size <= 0) return
    this.store ??= Buffer.allocUnsafeSlow(BEAT_LINE_LIMIT)
    chunk.copy(this.store, this.stored, start, start + size)
    this.stored += size
  }

  private line(bytes: Buffer, start: number, end: number): void {
    const isBeat =
      end - start >= BEAT_LENGTH && bytes[start] === B && bytes[start + 1] === E && bytes[start + 2] === A && bytes[start + 3] === T
    if (isBeat) this.callbacks.beat(stamp(bytes, start + BEAT_LENGTH, Math.min(end, start + BEAT_LINE_LIMIT)))
    else this.callbacks.ready()
  }
}

/** The digits after one space. What follows them is ignored: later versions may give it a meaning. */
function stamp(bytes: Buffer, start: number, end: number): number | undefined {
  if (start >= end || bytes[start] !== SPACE) return undefined
  let at = start + 1
  let micros = 0
  while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) micros = micros * 10 + bytes[at++]! - ZERO
  const digits = at - start - 1
  return digits === 0 || digits > MOST_DIGITS ? undefined : micros / MICROS_PER_MS
}
