/** The reports of the children: their pids and when their first instruction ran, in order of arrival. */
import { closeSync, constants, openSync } from "node:fs"
import { Socket } from "node:net"

/** Written by leaf.c: pid, and nanoseconds of CLOCK_MONOTONIC, which is also the clock of `process.hrtime`. */
const REPORT_BYTES = 16

export interface Report {
  readonly pid: number
  readonly at: bigint
}

export class Reports {
  readonly all: Array<Report> = []
  /** Resolves when no process that could report is left. Only after `release`. */
  readonly over: Promise<void>
  private readonly own: number
  private letGo = false
  private readonly socket: Socket
  private wake = (): void => undefined

  constructor(fifo: string) {
    const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
    // Our own writer keeps the fifo open before the first child and between two children.
    this.own = openSync(fifo, constants.O_WRONLY)
    this.socket = new Socket({ fd: reader, readable: true, writable: false })
    this.over = new Promise((resolve) => this.socket.once("close", () => resolve()))
    let rest: Buffer = Buffer.alloc(0)
    this.socket.on("data", (chunk: Buffer) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let from = 0
      for (; from + REPORT_BYTES <= bytes.length; from += REPORT_BYTES) {
        this.all.push({ pid: Number(bytes.readBigInt64LE(from)), at: bytes.readBigInt64LE(from + 8) })
      }
      rest = bytes.subarray(from)
      this.wake()
    })
  }

  /** The `n`th report, from 0. */
  async nth(n: number): Promise<Report> {
    while (this.all.length <= n) await new Promise<void>((resolve) => (this.wake = resolve))
    return this.all[n]!
  }

  /** From now on the fifo ends with the last child. */
  release(): void {
    if (!this.letGo) closeSync(this.own)
    this.letGo = true
  }

  close(): void {
    this.release()
    this.socket.destroy()
  }
}
