/** What one process writes: lines of stdout and stderr, readiness, by a line or on a descriptor of its own, and heartbeats on the same one. */
import type { ChildProcess } from "node:child_process"
import type { Socket } from "node:net"
import { monotonicMs } from "../os/monotonic.ts"
import { MATCH_LIMIT } from "../pattern.ts"
import { BeatLines } from "./BeatLines.ts"
import { Lines } from "./Lines.ts"
import type { Outbox, OutputQuota } from "./Outbox.ts"

const NEWLINE = 0x0a

/** What readiness is waited for: a line that matches, a newline on that descriptor, or none. */
export type ReadySign = RegExp | number | undefined

interface Listener {
  readonly ready: () => void
  readonly beat: (receivedAtMs: number, sentAtMs: number | undefined) => void
  /** The descriptor of heartbeats has ended. */
  readonly beatsEnded: () => void
  /** Every stream has ended, and all it held was told. */
  readonly closed: () => void
}

export class Output {
  /** How many streams have not ended. */
  open = 0
  private readonly outbox: Outbox
  private readonly account: OutputQuota
  private readonly listener: Listener
  private pattern: RegExp | undefined = undefined
  /** The next piece of stdout goes on with a line of which a piece was told. */
  private midLine = false
  /** Ends the streams that are open. */
  private readonly enders = new Set<() => void>()

  constructor(outbox: Outbox, account: OutputQuota, listener: Listener) {
    this.outbox = outbox
    this.account = account
    this.listener = listener
  }

  /** We read always, whether anybody takes it or not: a child must never wait for us. */
  listen(child: ChildProcess, sign: ReadySign, beats: number | undefined): void {
    if (sign instanceof RegExp) this.pattern = sign
    this.lines(child.stdout as Socket, "stdout")
    this.lines(child.stderr as Socket, "stderr")
    if (beats !== undefined) this.beats(child.stdio[beats] as Socket, sign === beats)
    else if (typeof sign === "number") this.newline(child.stdio[sign] as Socket)
  }

  /** Ends what is still open, and tells the unfinished lines. */
  close(): void {
    for (const end of this.enders) end()
  }

  private lines(socket: Socket, stream: "stdout" | "stderr"): void {
    const lines = new Lines()
    const take = stream === "stdout" ? this.takeStdout : this.takeStderr
    socket.on("data", (chunk: Buffer) => lines.push(chunk, take))
    this.follow(socket, () => lines.end(take))
  }

  /** The s6 way: what comes before the newline is of no interest, and neither is what comes after it. */
  private newline(socket: Socket): void {
    socket.on("data", (chunk: Buffer) => {
      if (socket.destroyed || !chunk.includes(NEWLINE)) return
      socket.destroy()
      this.listener.ready()
    })
    this.follow(socket, () => undefined)
  }

  /** Stays open, as beats may come at any time. Those of one chunk were received at one time. */
  private beats(socket: Socket, saysReady: boolean): void {
    let ready = !saysReady
    let receivedAt = 0
    const lines = new BeatLines({
      beat: (sentAt) => this.listener.beat(receivedAt, sentAt),
      ready: () => {
        if (ready) return
        ready = true
        this.listener.ready()
      }
    })
    socket.on("data", (chunk: Buffer) => {
      receivedAt = monotonicMs()
      lines.push(chunk)
    })
    this.follow(socket, () => this.listener.beatsEnded())
  }

  private follow(socket: Socket, flush: () => void): void {
    this.open += 1
    const end = (): void => {
      if (!this.enders.delete(end)) return
      flush()
      socket.destroy()
      this.open -= 1
      if (this.open === 0) this.listener.closed()
    }
    this.enders.add(end)
    // A reset is an end like any other: "close" follows.
    socket.on("error", () => undefined)
    socket.on("close", end)
  }

  private readonly takeStdout = (bytes: Buffer, start: number, end: number, continues: boolean): void => {
    const first = !this.midLine
    this.midLine = continues
    this.tell("stdout", bytes, start, end, continues)
    if (this.pattern === undefined || !first) return
    if (!this.pattern.test(bytes.toString("utf8", start, Math.min(end, start + MATCH_LIMIT)))) return
    this.pattern = undefined
    this.listener.ready()
  }

  private readonly takeStderr = (bytes: Buffer, start: number, end: number, continues: boolean): void => {
    this.tell("stderr", bytes, start, end, continues)
  }

  private tell(stream: "stdout" | "stderr", bytes: Buffer, start: number, end: number, continues: boolean): void {
    const size = end - start
    if (!this.outbox.hasRoom(this.account, size)) return
    this.outbox.tellLine(this.account, stream, bytes.toString("utf8", start, end), size, continues)
  }
}
