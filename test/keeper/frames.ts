/** Frames as PROTOCOL.md describes them, written down a second time for the tests. */

export const HEADER = 8
export const NO_LEAF = 0xffffffff
export const KILL = 0xfffffffe
export const NEVER = 0xffffffff
export const OWN = 0xfffffffd

export interface TestSpec {
  readonly leaf?: number
  readonly path?: string
  readonly cwd?: string
  readonly log?: string
  readonly cgroup?: string
  readonly argv: ReadonlyArray<string>
  readonly env?: ReadonlyArray<string>
  readonly shutdown?: number
  readonly beatMs?: number
  readonly flags?: number
  readonly logSize?: number
  readonly logFiles?: number
  readonly logTotal?: number
  readonly signal?: number
  readonly toLeader?: boolean
  readonly stdin?: "null" | "pipe"
  readonly ready?: number
  readonly beat?: number
  readonly drop?: boolean
  readonly fd?: number
}

export const padded = (size: number, write: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.alloc(size)
  write(bytes)
  return bytes
}

const strings = (...texts: ReadonlyArray<string>): Buffer => Buffer.from(texts.map((text) => `${text}\0`).join(""))

export const frame = (type: number, payload: Buffer): Buffer =>
  Buffer.concat([
    padded(HEADER, (header) => {
      header.writeUInt32LE(payload.length, 0)
      header.writeUInt8(type, 4)
    }),
    payload
  ])

export const words = (...values: ReadonlyArray<number>): Buffer =>
  padded(4 * values.length, (bytes) => {
    for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, 4 * i)
  })

export function specPayload(spec: TestSpec): Buffer {
  const { argv, env = [], leaf = 0 } = spec
  const fixed = padded(56, (b) => {
    b.writeUInt32LE(leaf, 0)
    b.writeUInt32LE(spec.shutdown ?? 5_000, 4)
    b.writeUInt32LE(spec.beatMs ?? 0, 8)
    b.writeUInt32LE(spec.flags ?? 0, 12)
    b.writeBigUInt64LE(BigInt(spec.logSize ?? 0), 16)
    b.writeBigUInt64LE(BigInt(spec.logTotal ?? 0), 24)
    b.writeUInt32LE(spec.logFiles ?? 0, 36)
    b.writeUInt16LE(argv.length, 40)
    b.writeUInt16LE(env.length, 42)
    b.writeUInt8(spec.signal ?? 15, 44)
    b.writeUInt8(spec.toLeader === true ? 1 : 0, 45)
    b.writeUInt8(spec.stdin === "pipe" ? 1 : 0, 46)
    b.writeUInt8(spec.ready ?? 0, 47)
    b.writeUInt8(spec.beat ?? 0, 48)
    b.writeUInt8(spec.drop === true ? 1 : 0, 49)
    b.writeUInt16LE(spec.fd ?? 0, 50)
  })
  const texts = strings(spec.path ?? `/root/${leaf}`, spec.cwd ?? "/", spec.log ?? "", spec.cgroup ?? "", ...argv, ...env)
  return Buffer.concat([fixed, texts])
}
