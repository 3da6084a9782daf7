/**
 * Reads what one process writes: lines on stdout and stderr, readiness (a line, or a newline on a descriptor), and
 * heartbeats on that same descriptor.
 */
import type { ChildProcess } from "node:child_process"
import type { Socket } from "node:net"
import { MATCH_LIMIT, type Pattern } from "../../tree/pattern.ts"
import { monotonicMs } from "../os/monotonic.ts"
import { BeatLines } from "./BeatLines.ts"
import { Lines } from "./Lines.ts"
import type { Outbox, OutputQuota } from "./Outbox.ts"

const NEWLINE = 0x0a

/** What makes it ready: a line that matches, a newline on this descriptor, or neither. */
export type ReadySign = Pattern | number | undefined

interface Listener {
  readonly ready: () => void
  readonly beat: (receivedAtMs: number, sentAtMs: number | undefined) => void
  /** The heartbeat descriptor was closed. */
  readonly beatsEnded: () => void
  /** Every stream has ended, and everything it held was passed on. */
  readonly closed: () => void
}

export class Output {
  /** How many streams are open. */
  open = 0
  private readonly outbox: Outbox
  private readonly quota: OutputQuota
  private readonly listener: Listener
  private pattern: Pattern | undefined = undefined
  /** The next piece of stdout continues a line. */
  private midLine = false
  /** Closes the streams that are open. */
  private readonly closers = new Set<() => void>()

  constructor(outbox: Outbox, quota: OutputQuota, listener: Listener) {
    this.outbox = outbox
    this.quota = quota
    this.listener = listener
  }

  /** We always read, even if the lines are dropped: a child must never block on its output. */
  listen(child: ChildProcess, readySign: ReadySign, beatsFd: number | undefined): void {
    if (typeof readySign === "object") this.pattern = readySign
    this.lines(child.stdout as Socket, "stdout")
    this.lines(child.stderr as Socket, "stderr")
    if (beatsFd !== undefined) this.beats(child.stdio[beatsFd] as Socket, readySign === beatsFd)
    else if (typeof readySign === "number") this.newline(child.stdio[readySign] as Socket)
  }

  /** Closes what is still open, and passes on the unfinished lines. */
  close(): void {
    for (const close of this.closers) close()
  }

  private lines(socket: Socket, stream: "stdout" | "stderr"): void {
    const lines = new Lines()
    const onLine = stream === "stdout" ? this.onStdout : this.onStderr
    socket.on("data", (chunk: Buffer) => lines.push(chunk, onLine))
    this.follow(socket, () => lines.end(onLine))
  }

  /** As in s6: what comes before or after the newline is ignored. */
  private newline(socket: Socket): void {
    socket.on("data", (chunk: Buffer) => {
      if (socket.destroyed || !chunk.includes(NEWLINE)) return
      socket.destroy()
      this.listener.ready()
    })
    this.follow(socket, () => undefined)
  }

  /** Stays open, as beats may come at any time. All beats of one chunk were received at the same time. */
  private beats(socket: Socket, alsoReady: boolean): void {
    let isDone = !alsoReady
    let receivedAt = 0
    const lines = new BeatLines({
      beat: (sentAt) => this.listener.beat(receivedAt, sentAt),
      ready: () => {
        if (isDone) return
        isDone = true
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
    const close = (): void => {
      if (!this.closers.delete(close)) return
      flush()
      socket.destroy()
      this.open -= 1
      if (this.open === 0) this.listener.closed()
    }
    this.closers.add(close)
    // A reset is an end like any other: "close" follows.
    socket.on("error", () => undefined)
    socket.on("close", close)
  }

  private readonly onStdout = (bytes: Buffer, start: number, end: number, continues: boolean): void => {
    const first = !this.midLine
    this.midLine = continues
    this.emit("stdout", bytes, start, end, continues)
    if (this.pattern === undefined || !first) return
    if (!this.pattern.test(bytes.toString("utf8", start, Math.min(end, start + MATCH_LIMIT)))) return
    this.pattern = undefined
    this.listener.ready()
  }

  private readonly onStderr = (bytes: Buffer, start: number, end: number, continues: boolean): void => {
    this.emit("stderr", bytes, start, end, continues)
  }

  private emit(stream: "stdout" | "stderr", bytes: Buffer, start: number, end: number, continues: boolean): void {
    const size = end - start
    if (!this.outbox.hasRoom(this.quota, size)) return
    this.outbox.emitLine(this.quota, stream, bytes.toString("utf8", start, end), size, continues)
  }
}
