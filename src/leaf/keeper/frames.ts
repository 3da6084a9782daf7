/**
 * Frames of the protocol between keeper and brain, keeper/PROTOCOL.md: a header of eight bytes and a payload, little
 * endian. Here they are cut out of a stream of bytes; `commands.ts` makes those to the keeper, and `reports.ts` reads
 * those from it.
 */

/** The highest length of a payload, in bytes. */
export const PAYLOAD_LIMIT = 1024 * 1024
export const HEADER_BYTES = 8

/** The peer does not follow the protocol. The connection is of no use any more. */
export class MalformedFrame extends Error {
  override readonly name = "MalformedFrame"
}

/** Receives one frame. `payload` is valid only during the call. */
type OnFrame = (type: number, payload: Buffer) => void

export class FrameReader {
  private chunks: Array<Buffer> = []
  private buffered = 0
  /** How many bytes there must be before it is worth a look. */
  private needed = HEADER_BYTES

  /** Passes on every frame that `chunk` completes. Throws `MalformedFrame`, and what `onFrame` throws. */
  push(chunk: Buffer, onFrame: OnFrame): void {
    this.chunks.push(chunk)
    this.buffered += chunk.length
    if (this.buffered < this.needed) return
    const bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks)
    let at = 0
    this.needed = HEADER_BYTES
    while (bytes.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + payloadLength(bytes, at)
      if (end > bytes.length) {
        this.needed = end - at
        break
      }
      onFrame(bytes[at + 4]!, bytes.subarray(at + HEADER_BYTES, end))
      at = end
    }
    // A copy, so that a few bytes do not keep all of a large chunk alive.
    this.chunks = at === bytes.length ? [] : [Buffer.from(bytes.subarray(at))]
    this.buffered = bytes.length - at
  }
}

function payloadLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32LE(at)
  if (length > PAYLOAD_LIMIT) throw new MalformedFrame(`a frame of ${length} bytes, where ${PAYLOAD_LIMIT} are allowed`)
  if (bytes[at + 5] !== 0 || bytes.readUInt16LE(at + 6) !== 0) throw new MalformedFrame("a header whose last three bytes are not zero")
  return length
}
