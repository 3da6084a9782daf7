/**
 * The lines on the descriptor of readiness, where heartbeats come on it as well (docs/heartbeats.md).
 *
 * A line that begins with `beat` is a heartbeat; a number after it is the sender's CLOCK_MONOTONIC in microseconds. Every other line, also
 * an empty one, says that the process is ready. There may be a hundred beats a second from each of hundreds of processes, so a line never
 * becomes a string, and of an unfinished one no more is held than could matter.
 */

/** A longer line, in bytes, is judged by its beginning. */
export const BEAT_LINE_LIMIT = 64
/** More digits than any clock has, and than a number holds exactly. */
const MOST_DIGITS = 15

const NEWLINE = 0x0a
const SPACE = 0x20
const ZERO = 0x30
const NINE = 0x39
const [B, E, A, T] = [0x62, 0x65, 0x61, 0x74]
const WORD = 4
const MICROS_PER_MS = 1_000

interface Taker {
  /** `sentAtMs`: milliseconds of the sender's clock, as it says; nobody has judged them. */
  readonly beat: (sentAtMs: number | undefined) => void
  readonly ready: () => void
}

export class BeatLines {
  /** The unfinished line: the first `held` bytes of it. Made only for who writes lines in pieces. */
  private store: Buffer | undefined = undefined
  private held = 0
  private readonly taker: Taker

  constructor(taker: Taker) {
    this.taker = taker
  }

  /** Tells every line that `chunk` completes. What is not completed at the end of the stream was never said. */
  push(chunk: Buffer): void {
    let start = 0
    let newline = chunk.indexOf(NEWLINE)
    if (this.held > 0 && newline >= 0) {
      this.hold(chunk, 0, newline)
      this.line(this.store!, 0, this.held)
      this.held = 0
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
    const size = Math.min(end - start, BEAT_LINE_LIMIT - this.held)
    if (size <= 0) return
    this.store ??= Buffer.allocUnsafeSlow(BEAT_LINE_LIMIT)
    chunk.copy(this.store, this.held, start, start + size)
    this.held += size
  }

  private line(bytes: Buffer, start: number, end: number): void {
    const beats = end - start >= WORD && bytes[start] === B && bytes[start + 1] === E && bytes[start + 2] === A && bytes[start + 3] === T
    if (beats) this.taker.beat(stamp(bytes, start + WORD, Math.min(end, start + BEAT_LINE_LIMIT)))
    else this.taker.ready()
  }
}

/** The digits after one space, and nothing else: what follows them may one day mean something. */
function stamp(bytes: Buffer, start: number, end: number): number | undefined {
  if (start >= end || bytes[start] !== SPACE) return undefined
  let at = start + 1
  let micros = 0
  while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) micros = micros * 10 + bytes[at++]! - ZERO
  const digits = at - start - 1
  return digits === 0 || digits > MOST_DIGITS ? undefined : micros / MICROS_PER_MS
}
