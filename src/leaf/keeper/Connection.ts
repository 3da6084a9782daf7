/**
 * One keeper process and the connection to it: frames go out once in a turn, in one write, and are read as they come.
 *
 * The process that we start is the guard, and the keeper is its child. The guard ends when nothing of what the keeper
 * ran is alive; so the keeper is lost only when the connection has ended and the guard, too. A keeper that has started
 * us is lost with the connection, and its guard then ends us as well.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { Socket } from "node:net"
import { FrameReader, MalformedFrame } from "./frames.ts"
import { KeeperLost } from "./KeeperLost.ts"
import { type Report, readReport } from "./readReport.ts"

/** How much of what it writes to stderr is quoted, in characters. */
const QUOTED = 400

/** It waits for processes that do not die of SIGKILL; we do not, for longer than this. */
const ENDS_WITHIN_MS = 2_000

interface Listener {
  /** These belonged to no leaf, and were ended with the rest: the last that is heard, also after `close`. */
  readonly strays: (strays: { readonly count: number; readonly pids: ReadonlyArray<number> }) => void
  readonly report: (report: Report) => void
  /** It ended by itself. Called once, and nothing is reported after it. */
  readonly lost: (error: KeeperLost) => void
}

export class Connection {
  private readonly listener: Listener
  private readonly child: ChildProcess | undefined
  private readonly socket: Socket | undefined
  private readonly frames = new FrameReader()
  private outgoing: Array<Buffer> = []
  private isClosed = false
  private hasGuardEnded = false
  private hasSocketEnded = false
  /** What it has written to stderr, and what it has refused. */
  private complaint = ""
  private ending = ""
  private onEnded = (): void => {}

  /** Starts the program; or is given the descriptor of the connection to the keeper that has started us. */
  constructor(keeper: string | number, listener: Listener) {
    this.listener = listener
    if (typeof keeper === "string") {
      this.child = this.start(keeper)
      this.socket = this.child.stdio?.[3] as Socket | undefined // there is none if too many files are open
    } else {
      this.child = undefined
      this.socket = new Socket({ fd: keeper, readable: true, writable: true })
      this.onGuardEnded("has closed the connection")
    }
    this.socket?.on("data", (chunk: Buffer) => this.onData(chunk))
    // A broken pipe is an end like any other: "close" follows.
    this.socket?.on("error", () => undefined)
    this.socket?.on("close", () => {
      this.hasSocketEnded = true
      this.checkEnd()
    })
    this.setBusy(false)
  }

  private start(program: string): ChildProcess {
    // A session of its own: Ctrl-C on our terminal is not meant for it. It is in no folder that may be removed.
    const child = spawn(program, [], { cwd: "/", detached: true, stdio: ["ignore", "ignore", "pipe", "pipe"] })
    child.once("error", (error) => this.onGuardEnded(`could not be started: ${error.message}`))
    child.once("exit", (code, signal) => this.onGuardEnded(signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`))
    child.stderr?.on("data", (chunk: Buffer) => {
      this.complaint = (this.complaint + chunk.toString()).slice(-QUOTED)
    })
    return child
  }

  get pid(): number | undefined {
    return this.child === undefined ? process.ppid : this.child.pid
  }

  send(frame: Buffer): void {
    if (this.outgoing.push(frame) === 1) queueMicrotask(() => this.flush())
  }

  /** Writes what there is, at once if the system takes it. */
  flush(): void {
    const { outgoing } = this
    this.outgoing = []
    if (outgoing.length > 0 && this.socket?.writable === true) this.socket.write(Buffer.concat(outgoing))
  }

  /** Busy: our own process does not end by itself. */
  setBusy(isBusy: boolean): void {
    const handles = [this.child, this.socket, this.child?.stderr as Socket | null | undefined]
    for (const handle of handles) {
      if (isBusy) handle?.ref()
      else handle?.unref()
    }
  }

  /** Nothing is reported any more. The keeper was told to end: calls `ended` once when it has, or takes too long. */
  close(ended: () => void): void {
    this.flush()
    this.isClosed = true
    this.setBusy(true)
    const timer = setTimeout(() => this.onEnded(), ENDS_WITHIN_MS)
    this.onEnded = () => {
      clearTimeout(timer)
      this.setBusy(false)
      this.onEnded = () => {}
      ended()
    }
    this.checkEnd()
  }

  private onData(chunk: Buffer): void {
    try {
      this.frames.push(chunk, (type, payload) => {
        const report = readReport(type, payload)
        if (report._tag === "Strays") this.listener.strays(report)
        else if (report._tag === "Refused") this.giveUp(report.sentence)
        else if (!this.isClosed) this.listener.report(report)
      })
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error
      this.giveUp(`sent ${error.message}`)
    }
  }

  /** It sees the end of a brain, and ends what it runs. */
  private giveUp(complaint: string): void {
    this.complaint = complaint
    this.socket?.destroy()
  }

  private onGuardEnded(ending: string): void {
    this.ending = ending
    this.hasGuardEnded = true
    this.checkEnd()
  }

  private checkEnd(): void {
    if (!this.hasGuardEnded || !(this.hasSocketEnded || this.pid === undefined)) return
    if (this.isClosed) return this.onEnded()
    this.isClosed = true
    const complaint = this.complaint.trim()
    const because = complaint === "" ? this.ending : `${this.ending} (${complaint})`
    this.listener.lost(new KeeperLost({ ...(this.pid !== undefined && { pid: this.pid }), because }))
  }
}
