/**
 * Reads what one process writes: lines on stdout and stderr, readiness (a line, or a newline on a descriptor), and
 * heartbeats on that same descriptor.
 */
import type { Socket } from "node:net"
import { BeatLines } from "../BeatLines.ts"
import { Lines } from "../Lines.ts"
import type { Outbox, OutputQuota } from "../Outbox.ts"
import { monotonicMs } from "../os/monotonic.ts"
import { after } from "../os/timer.ts"
import { ReportedLines, type Stream } from "../ReportedLines.ts"
import type { ReadySign } from "../readiness.ts"
import type { Launched } from "./launch.ts"

const NEWLINE = 0x0a
/** A line that is unfinished for so long, such as a question, is passed on as it is. */
const UNFINISHED_MS = 500

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
  /** Closes the streams that are open. */
  private readonly closers = new Set<() => void>()

  constructor(outbox: Outbox, quota: OutputQuota, listener: Listener) {
    this.outbox = outbox
    this.quota = quota
    this.listener = listener
  }

  /** We always read, even if the lines are dropped: a child must never block on its output. */
  listen({ child, stdout, stderr }: Launched, readySign: ReadySign, beatsFd: number | undefined): void {
    const pattern = typeof readySign === "object" ? readySign : undefined
    const reported = new ReportedLines(this.outbox, this.quota, pattern, this.listener.ready)
    this.lines(stdout, "stdout", reported)
    this.lines(stderr, "stderr", reported)
    if (beatsFd !== undefined) this.beats(child.stdio[beatsFd] as Socket, readySign === beatsFd)
    else if (typeof readySign === "number") this.newline(child.stdio[readySign] as Socket)
  }

  /** Closes what is still open, and passes on the unfinished lines. */
  close(): void {
    for (const close of this.closers) close()
  }

  private lines(socket: Socket, stream: Stream, reported: ReportedLines): void {
    const lines = new Lines()
    let cancel: (() => void) | undefined
    const onLine = (bytes: Buffer, start: number, end: number, continues: boolean): void => {
      cancel?.()
      cancel = undefined
      reported.add(stream, bytes, start, end, continues)
    }
    socket.on("data", (chunk: Buffer) => {
      lines.push(chunk, onLine)
      if (lines.isUnfinished) cancel ??= after(UNFINISHED_MS, () => lines.passOn(onLine))
    })
    this.follow(socket, () => {
      cancel?.()
      lines.end(onLine)
    })
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
}
