/**
 * A keeper that a test drives by raw frames. It is compiled with the sanitizers, so that a test also fails on memory
 * that is misused on its way.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, test } from "vitest"
import { withoutCc } from "../runtime/native.ts"
import { frame, HEADER, NO_LEAF, padded, specPayload, type TestSpec, words } from "./frames.ts"

const SOURCES = resolve(import.meta.dirname, "../../keeper")
const WAIT_MS = 20_000
const COMMANDS = {
  HELLO: 1,
  ENV: 2,
  SPEC: 3,
  SPAWN: 4,
  STOP: 5,
  SIGNAL: 6,
  ACK: 7,
  SET_OUTPUT: 8,
  LEASE: 9,
  KILL_ALL: 10,
  QUIT: 11,
  PING: 12,
  GONE: 13
} as const

const TYPES: { readonly [type: number]: string } = {
  65: "SPAWNED",
  66: "NOT_STARTED",
  67: "READY",
  68: "LEADER_ENDED",
  69: "BLOCKED",
  70: "EXITED",
  97: "WELCOME",
  98: "LEAF",
  99: "SYNCED",
  100: "OUTPUT",
  101: "GAP",
  102: "BEATS",
  103: "BEATS_ENDED",
  104: "NOTIFY",
  105: "SIGNALLED",
  106: "PONG",
  107: "REFUSED",
  108: "STRAYS",
  109: "LOG"
}

/** A frame of the keeper, with the fields that tests ask for. */
export interface Frame {
  readonly type: string
  readonly bytes: Buffer
  readonly n?: number
  readonly leaf?: number
  readonly incarnation?: number
}

const FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Werror"]
const SANITIZED = ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
/** What optimisation does to the call that starts a process no sanitizer sees. */
export const RELEASED = ["-O2"]

/** A test that compiles the keeper. */
export const it = test.skipIf(withoutCc)

const compiled = new Map<string, string>()
let folder: string | undefined

/** Some seconds, so each only once in a file. KEEPER names one that is tested instead of all. */
export function keeperUnderTest(options = SANITIZED): string {
  if (process.env.KEEPER !== undefined) return process.env.KEEPER
  const key = options.join(" ")
  const known = compiled.get(key)
  if (known !== undefined) return known
  folder ??= mkdtempSync(join(tmpdir(), "keeper-test-"))
  const program = join(folder, `keeper-${compiled.size}`)
  const sources = readdirSync(SOURCES).filter((name) => name.endsWith(".c"))
  execFileSync("cc", [...FLAGS, ...options, ...sources.map((name) => join(SOURCES, name)), "-o", program], {
    stdio: ["ignore", "inherit", "inherit"]
  })
  compiled.set(key, program)
  return program
}

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

function frameOf(type: number, bytes: Buffer): Frame {
  const name = TYPES[type] ?? String(type)
  if (type < 97)
    return { type: name, bytes, n: Number(bytes.readBigUInt64LE(0)), leaf: bytes.readUInt32LE(16), incarnation: bytes.readUInt32LE(20) }
  if (name === "LEAF") return { type: name, bytes, leaf: bytes.readUInt32LE(0), incarnation: bytes.readUInt32LE(4) }
  if (name === "OUTPUT" || name === "BEATS_ENDED" || name === "NOTIFY") {
    return { type: name, bytes, leaf: bytes.readUInt32LE(8), incarnation: bytes.readUInt32LE(12) }
  }
  return { type: name, bytes }
}

/** One connection, and all frames that have come over it. */
export class Connection {
  readonly frames: Array<Frame> = []
  ended = false
  private readonly socket: Socket
  private rest = Buffer.alloc(0)
  private wake: Array<() => void> = []
  private readonly used = new Set<Frame>()

  constructor(socket: Socket) {
    this.socket = socket
    socket.on("data", (chunk: Buffer) => this.onData(chunk))
    socket.on("error", () => undefined)
    socket.on("close", () => {
      this.ended = true
      this.notify()
    })
  }

  send(command: keyof typeof COMMANDS, payload: Buffer = Buffer.alloc(0)): void {
    this.socket.write(frame(COMMANDS[command], payload))
  }

  sendBytes(bytes: Buffer): void {
    this.socket.write(bytes)
  }

  /** From now on it reads nothing. */
  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  close(): void {
    this.socket.destroy()
  }

  async hello(acknowledged = 0): Promise<void> {
    this.sendHello(acknowledged, [1, 1])
    await this.next((f) => f.type === "SYNCED")
  }

  sendHello(acknowledged: number, versions: readonly [number, number]): void {
    this.send(
      "HELLO",
      padded(24, (b) => {
        b.writeUInt32LE(0x5045454b, 0)
        b.writeUInt16LE(versions[0], 4)
        b.writeUInt16LE(versions[1], 6)
        b.writeBigUInt64LE(BigInt(acknowledged), 8)
      })
    )
  }

  spec(spec: TestSpec): void {
    this.send("SPEC", specPayload(spec))
  }

  spawn(spec: TestSpec, incarnation = 1): void {
    this.spec(spec)
    this.send("SPAWN", words(spec.leaf ?? 0, incarnation, NO_LEAF, 0))
  }

  /** The first frame that fits and was not answered before; it may have come already. */
  async next(fits: (frame: Frame) => boolean): Promise<Frame> {
    const end = Date.now() + WAIT_MS
    for (;;) {
      const found = this.frames.find((f) => !this.used.has(f) && fits(f))
      if (found !== undefined) {
        this.used.add(found)
        return found
      }
      if (this.ended) throw new Error(`the connection has ended; there were ${this.frames.map((f) => f.type).join(" ")}`)
      if (Date.now() > end) throw new Error(`nothing came that fits; there were ${this.frames.map((f) => f.type).join(" ")}`)
      await new Promise<void>((wake) => {
        const timer = setTimeout(wake, 200)
        this.wake.push(() => {
          clearTimeout(timer)
          wake()
        })
      })
    }
  }

  event(type: string, leaf = 0, incarnation = 1): Promise<Frame> {
    return this.next((f) => f.type === type && f.leaf === leaf && f.incarnation === incarnation)
  }

  async pid(leaf = 0, incarnation = 1): Promise<number> {
    return (await this.event("SPAWNED", leaf, incarnation)).bytes.readUInt32LE(24)
  }

  /** When all earlier commands were dealt with. */
  async settled(): Promise<void> {
    this.send("PING", Buffer.alloc(8))
    await this.next((f) => f.type === "PONG")
  }

  /** All its output so far, as text. */
  output(leaf = 0, stream = 1): string {
    const pieces = this.frames.filter((f) => f.type === "OUTPUT" && f.leaf === leaf && f.bytes[16] === stream)
    return Buffer.concat(pieces.map((f) => f.bytes.subarray(24))).toString()
  }

  async end(): Promise<void> {
    while (!this.ended) await new Promise<void>((wake) => this.wake.push(wake))
  }

  private onData(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk])
    while (this.rest.length >= HEADER) {
      const size = this.rest.readUInt32LE(0)
      if (this.rest.length < HEADER + size) break
      this.frames.push(frameOf(this.rest.readUInt8(4), Buffer.from(this.rest.subarray(HEADER, HEADER + size))))
      this.rest = Buffer.from(this.rest.subarray(HEADER + size))
    }
    this.notify()
  }

  private notify(): void {
    for (const wake of this.wake.splice(0)) wake()
  }
}

/** How it ended, as far as EXITED and LEADER_ENDED say. */
export function endOf({ bytes }: Frame): { code?: number; signal?: number; flags: number; strays: ReadonlyArray<number> } {
  const listed = bytes.readUInt32LE(108)
  return {
    [bytes[24] === 1 ? "code" : "signal"]: bytes.readUInt32LE(28),
    flags: bytes[25]!,
    strays: Array.from({ length: listed }, (_, i) => bytes.readUInt32LE(112 + 4 * i))
  }
}

export interface DrivenKeeper extends Connection {
  readonly process: ChildProcess
  /** What it wrote on stderr: nothing, if all is well. */
  readonly complaints: () => string
  readonly exited: Promise<number | string>
}

/** Starts one with a first connection, which has not said HELLO. */
export const startKeeper = (...args: ReadonlyArray<string>): DrivenKeeper => startProgram(keeperUnderTest(), args)

export function startProgram(program: string, args: ReadonlyArray<string>): DrivenKeeper {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe", "pipe"] })
  let complaints = ""
  child.stderr!.on("data", (chunk: Buffer) => {
    complaints += chunk
  })
  const exited = new Promise<number | string>((done) => child.once("exit", (code, signal) => done(code ?? signal!)))
  return Object.assign(new Connection(child.stdio[3] as Socket), { process: child, complaints: () => complaints, exited })
}

export const connectTo = (path: string): Connection => new Connection(connect(path))
