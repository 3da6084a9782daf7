/** Reads the payload of a frame. Every method throws `MalformedFrame` if what it reads is not there, or not allowed. */
import { MalformedFrame } from "./frames.ts"

const WORD = 2 ** 32
const NANOS_PER_MS = 1e6
const MICROS_PER_MS = 1e3

export class Payload {
  readonly length: number
  private readonly type: number
  private readonly bytes: Buffer

  constructor(type: number, bytes: Buffer) {
    this.type = type
    this.bytes = bytes
    this.length = bytes.length
  }

  size(length: number): this {
    if (this.length !== length) throw this.malformed(`has ${this.length} bytes, not ${length}`)
    return this
  }

  atLeast(length: number): this {
    if (this.length < length) throw this.malformed(`has ${this.length} bytes, not ${length} or more`)
    return this
  }

  zero(from: number, to: number): this {
    if (this.bytes.subarray(from, to).some((byte) => byte !== 0)) throw this.malformed(`is not zero from byte ${from} to ${to}`)
    return this
  }

  oneOf(at: number, allowed: ReadonlyArray<number>): number {
    const found = this.u8(at)
    if (!allowed.includes(found)) throw this.malformed(`has ${found} at byte ${at}, which means nothing there`)
    return found
  }

  u8(at: number): number {
    return this.within(at, 1).readUInt8(at)
  }

  u32(at: number): number {
    return this.within(at, 4).readUInt32LE(at)
  }

  /** A number that JavaScript holds exactly. */
  u64(at: number): number {
    const found = this.unsigned(at)
    if (!Number.isSafeInteger(found)) throw this.malformed(`has ${found} at byte ${at}, which is too large`)
    return found
  }

  /** Nanoseconds, as milliseconds. */
  ms(at: number): number {
    return this.unsigned(at) / NANOS_PER_MS
  }

  /** Microseconds, as milliseconds. */
  micros(at: number): number {
    return this.unsigned(at) / MICROS_PER_MS
  }

  /** All bits of a u64 are set, which stands for no number. */
  isUnset(at: number): boolean {
    return this.u32(at) === WORD - 1 && this.u32(at + 4) === WORD - 1
  }

  /** A pid that can be a process of ours. */
  pid(at: number): number {
    const found = this.u32(at)
    if (found < 2 || found >= WORD / 2) throw this.malformed(`has ${found} at byte ${at}, which is no pid`)
    return found
  }

  /** The pids from `from` to the end. At `listedAt` stands how many, at `countAt` how many there would be. */
  pids(from: number, listedAt: number, countAt: number): ReadonlyArray<number> {
    const listed = this.u32(listedAt)
    if (listed > this.u32(countAt) || this.length !== from + 4 * listed) throw this.malformed(`does not have the ${listed} pids it lists`)
    return Array.from({ length: listed }, (_, i) => this.pid(from + 4 * i))
  }

  /** The text from `from` to the end, without a NUL. */
  text(from: number): string {
    if (this.bytes.indexOf(0, from) >= 0) throw this.malformed("has a NUL in its text")
    return this.bytes.toString("utf8", from)
  }

  /** The string from `from` to the end, which ends with the only NUL in it. */
  string(from: number): string {
    if (this.bytes.indexOf(0, from) !== this.length - 1) throw this.malformed("has no string at its end")
    return this.bytes.toString("utf8", from, this.length - 1)
  }

  rest(from: number): Buffer {
    return this.bytes.subarray(from)
  }

  malformed(what: string): MalformedFrame {
    return new MalformedFrame(`a frame of type ${this.type} that ${what}`)
  }

  private unsigned(at: number): number {
    return this.u32(at) + this.u32(at + 4) * WORD
  }

  private within(at: number, size: number): Buffer {
    if (at + size > this.length) throw this.malformed(`ends before byte ${at + size}`)
    return this.bytes
  }
}
