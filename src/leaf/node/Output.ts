/**
 * Reads what one process writes: lines on stdout and stderr, readiness (a line, or a newline on a descriptor), and
 * heartbeats on that same descriptor.
 */
import type { Socket } from "node:net"
import { MATCH_LIMIT, type Pattern } from "../../tree/pattern.ts"
import { LineText } from "../LineText.ts"
import { monotonicMs } from "../os/monotonic.ts"
import { after } from "../os/timer.ts"
import { BeatLines } from "./BeatLines.ts"
import { Lines } from "./Lines.ts"
import type { Launched, ReadySign } from "./launch.ts"
import type { Outbox, OutputQuota } from "./Outbox.ts"

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
  private pattern: Pattern | undefined = undefined
  private readonly texts = { stdout: new LineText(), stderr: new LineText() }
  /** Closes the streams that are open. */
  private readonly closers = new Set<() => void>()

  constructor(outbox: Outbox, quota: OutputQuota, listener: Listener) {
    this.outbox = outbox
    this.quota = quota
    this.listener = listener
  }

  /** We always read, even if the lines are dropped: a child must never block on its output. */
  listen({ child, stdout, stderr }: Launched, readySign: ReadySign, beatsFd: number | undefined): void {
    if (typeof readySign === "object") this.pattern = readySign
    this.lines(stdout, "stdout")
    this.lines(stderr, "stderr")
    if (beatsFd !== undefined) this.beats(child.stdio[beatsFd] as Socket, readySign === beatsFd)
    else if (typeof readySign === "number") this.newline(child.stdio[readySign] as Socket)
  }

  /** Closes what is still open, and passes on the unfinished lines. */
  close(): void {
    for (const close of this.closers) close()
  }

  private lines(socket: Socket, stream: "stdout" | "stderr"): void {
    const lines = new Lines()
    let cancel: (() => void) | undefined
    const onLine = (bytes: Buffer, start: number, end: number, continues: boolean): void => {
      cancel?.()
      cancel = undefined
      this.onLine(stream, bytes, start, end, continues)
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

  private onLine(stream: "stdout" | "stderr", bytes: Buffer, start: number, end: number, continues: boolean): void {
    const size = end - start
    if (this.outbox.hasRoom(this.quota, size)) this.outbox.emitLine(this.quota, stream, bytes.toString("utf8", start, end), size, continues)
    if (this.pattern === undefined) return
    const text = this.texts[stream].add(bytes.toString("utf8", start, Math.min(end, start + MATCH_LIMIT)), continues)
    if (!this.pattern.test(text)) return
    this.pattern = undefined
    this.listener.ready()
  }
}
