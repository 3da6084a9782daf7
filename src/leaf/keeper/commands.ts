/** The frames that the brain sends to its keeper. Their fields have been checked by the caller. */
import type { LogFiles } from "../Spawner.ts"
import { HEADER_BYTES } from "./frames.ts"

const MAGIC = 0x5045454b
/** The version of the protocol that we speak. */
const VERSION = 1

/** Instead of milliseconds: SIGKILL never, or at once. */
export const SHUTDOWN_INFINITY = 0xffff_ffff
export const SHUTDOWN_KILL = 0xffff_fffe
/** The highest number of milliseconds. */
export const SHUTDOWN_MOST = 0xffff_fffc

/** `acknowledged`: the number of the last event that was dealt with; 0: none. */
export function hello(acknowledged: number): Buffer {
  const { frame, body } = frameOf(1, 24)
  body.writeUInt32LE(MAGIC, 0)
  body.writeUInt16LE(VERSION, 4)
  body.writeUInt16LE(VERSION, 6)
  body.writeBigUInt64LE(BigInt(acknowledged), 8)
  return frame
}

/** The base environment, `NAME=value` each. */
export const env = (variables: ReadonlyArray<string>): Buffer => withStrings(2, Buffer.alloc(0), variables)

export interface Spec {
  readonly leaf: number
  readonly path: string
  readonly cwd: string
  readonly argv: ReadonlyArray<string>
  /** `NAME=value` sets, `NAME` removes. */
  readonly env: ReadonlyArray<string>
  readonly shutdown: number
  readonly beatMs: number
  readonly beatFrom: "fd" | "notify"
  readonly stopSignal: number
  readonly stopTo: "group" | "leader"
  readonly stdin: "null" | "pipe"
  /** `unseen`: the keeper does not see it. */
  readonly ready: "spawned" | "unseen" | "fd" | "notify"
  /** Of readiness, of heartbeats, or of both; 0 if neither comes on a descriptor. */
  readonly descriptor: number
  /** Undefined: none. */
  readonly log: LogFiles | undefined
}

const START_TIME_WANTED = 2
const SPEC_BYTES = 56
const READINESS = { spawned: 0, unseen: 1, fd: 2, notify: 3 }
const BEATS = { fd: 1, notify: 2 }

/**
 * Its start time is wanted; whether its output is, `setOutput` says. `cgroup`: the folder of the one that it runs in;
 * empty: ours.
 */
export function spec(of: Spec, cgroup = ""): Buffer {
  const fixed = Buffer.alloc(SPEC_BYTES)
  fixed.writeUInt32LE(of.leaf, 0)
  fixed.writeUInt32LE(of.shutdown, 4)
  fixed.writeUInt32LE(of.beatMs, 8)
  fixed.writeUInt32LE(START_TIME_WANTED, 12)
  if (of.log !== undefined) writeLog(fixed, of.log)
  fixed.writeUInt16LE(of.argv.length, 40)
  fixed.writeUInt16LE(of.env.length, 42)
  fixed[44] = of.stopSignal
  fixed[45] = of.stopTo === "leader" ? 1 : 0
  fixed[46] = of.stdin === "pipe" ? 1 : 0
  fixed[47] = READINESS[of.ready]
  fixed[48] = of.beatMs > 0 ? BEATS[of.beatFrom] : 0
  fixed.writeUInt16LE(of.descriptor, 50)
  return withStrings(3, fixed, [of.path, of.cwd, of.log?.folder ?? "", cgroup, ...of.argv, ...of.env])
}

function writeLog(fixed: Buffer, { fileBytes, totalBytes, ageSeconds, files, whenFull }: LogFiles): void {
  fixed.writeBigUInt64LE(BigInt(fileBytes), 16)
  fixed.writeBigUInt64LE(BigInt(totalBytes), 24)
  fixed.writeUInt32LE(ageSeconds, 32)
  fixed.writeUInt32LE(files, 36)
  fixed[49] = whenFull === "drop" ? 1 : 0
}

const NO_LEAF = 0xffff_ffff
export const spawn = (leaf: number, incarnation: number): Buffer => numbers(4, leaf, incarnation, NO_LEAF, 0)
export const stop = (leaf: number, incarnation: number, shutdown: number): Buffer => numbers(5, leaf, incarnation, shutdown, 0)

export function signal(leaf: number, incarnation: number, number: number, to: "leader" | "group", ticket: number): Buffer {
  return numbers(6, leaf, incarnation, number | (to === "group" ? 1 << 16 : 0), ticket)
}

/** Events up to and including `n` need not be kept any longer. */
export function acknowledge(n: number): Buffer {
  const { frame, body } = frameOf(7, 8)
  body.writeBigUInt64LE(BigInt(n), 0)
  return frame
}

/** Whether the output of a leaf comes to us, from now on, across incarnations. */
export const setOutput = (leaf: number, isWanted: boolean): Buffer => numbers(8, leaf, isWanted ? 1 : 0)

export const killAll = (): Buffer => numbers(10)
export const quit = (): Buffer => numbers(11)
export const gone = (leaf: number): Buffer => numbers(13, leaf)

function numbers(type: number, ...fields: ReadonlyArray<number>): Buffer {
  const { frame, body } = frameOf(type, 4 * fields.length)
  for (const [i, field] of fields.entries()) body.writeUInt32LE(field, 4 * i)
  return frame
}

function withStrings(type: number, fixed: Buffer, strings: ReadonlyArray<string>): Buffer {
  const text = Buffer.from(strings.map((string) => `${string}\0`).join(""))
  const { frame, body } = frameOf(type, fixed.length + text.length)
  fixed.copy(body)
  text.copy(body, fixed.length)
  return frame
}

/** A frame whose payload is zero, and its payload. */
function frameOf(type: number, length: number): { readonly frame: Buffer; readonly body: Buffer } {
  const frame = Buffer.alloc(HEADER_BYTES + length)
  frame.writeUInt32LE(length, 0)
  frame[4] = type
  return { frame, body: frame.subarray(HEADER_BYTES) }
}
