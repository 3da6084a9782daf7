/**
 * Watches a file that a process rewrites to show that it is alive.
 *
 * The folder is watched, so that a beat is seen at once, and so that the file may be replaced by a rename, deleted, and
 * created again. Where that is impossible (the folder is missing, or the system has no watch left) the file is polled,
 * twice in each interval, until it works. The time of a beat is when we saw it: the file's own time of change is
 * wall-clock time, and so coarse that it only shows that there was a change.
 *
 * Two changes are not seen at once: one through a symbolic link or from another machine, and a move of the folder
 * together with a folder above it. Call `check` before you judge.
 */
import { type BigIntStats, closeSync, constants, type FSWatcher, fstatSync, openSync, readSync, statSync, watch } from "node:fs"
import { basename, dirname } from "node:path"
import { heartbeatIn } from "./heartbeatContent.ts"
import { monotonicMs } from "./os/monotonic.ts"
import { isInGroupOf } from "./os/proc.ts"

/** How much of the file is read, in bytes. Content beyond it is unknown. */
const CONTENT_LIMIT = 4 * 1024
/** The least time between two checks, in milliseconds: a process that writes in a loop costs us no more. */
const MIN_CHECK_INTERVAL_MS = 5
/** The shortest polling interval, in milliseconds. */
const SHORTEST_POLL_MS = 5

export interface HeartbeatFileOptions {
  /** Absolute. */
  readonly path: string
  /** The interval of the beats, in milliseconds. */
  readonly every: number
  /**
   * The worker's pid. Content that names a process of another incarnation is not a beat. 0 or left out: any writer
   * counts.
   */
  readonly pid?: number
  /** Called for each beat; `receivedAt` is milliseconds of CLOCK_MONOTONIC. It must not throw. */
  readonly onBeat: (receivedAt: number) => void
}

/** The file at one time. */
interface FileState {
  readonly fingerprint: string
  readonly content: ReturnType<typeof heartbeatIn>
  /** We read all of it. */
  readonly isWhole: boolean
}

export class HeartbeatFile {
  private readonly options: HeartbeatFileOptions
  private readonly folder: string
  private readonly name: string
  /** Of the file at the last check; empty if there was none. */
  private fingerprint = ""
  private wasJson = false
  private watcher: FSWatcher | undefined = undefined
  /** Identity of the folder that is watched. */
  private watched = ""
  private poll: NodeJS.Timeout | undefined = undefined
  private delayed: NodeJS.Timeout | undefined = undefined
  private checkedAt = Number.NEGATIVE_INFINITY
  private closed = false

  /** What is in the file now was written by an earlier incarnation, unless it names the pid of this one. */
  constructor(options: HeartbeatFileOptions) {
    this.options = options
    this.folder = dirname(options.path)
    this.name = basename(options.path)
    this.watch()
    const state = this.read()
    if (state !== undefined && this.isOurs(state.content?.pid)) this.accept(state)
    else this.fingerprint = state?.fingerprint ?? ""
  }

  /** Checks now, and reports the beat since the last check, if there was one. */
  check(): void {
    if (this.closed) return
    this.watch()
    this.checkedAt = monotonicMs()
    const state = this.read()
    if (state === undefined) this.fingerprint = ""
    else if (state.fingerprint !== this.fingerprint) this.accept(state)
  }

  close(): void {
    this.closed = true
    this.unwatch()
    clearInterval(this.poll)
    clearTimeout(this.delayed)
  }

  // ---------------------------------------------------------------- the file

  private accept({ fingerprint, content, isWhole }: FileState): void {
    // It wrote JSON before, so it is in the middle of writing: the rest follows in a moment, and is the beat. (Unless
    // it is we who did not read to the end.)
    if (this.wasJson && content === undefined && isWhole) return
    this.fingerprint = fingerprint
    this.wasJson = content !== undefined
    const { pid = 0, onBeat } = this.options
    if (pid > 0 && content?.pid !== undefined && !this.isOurs(content.pid)) return
    onBeat(monotonicMs())
  }

  /** Does it certainly name a process of this incarnation? */
  private isOurs(writer: number | undefined): boolean {
    const { pid = 0 } = this.options
    return writer !== undefined && writer > 0 && pid > 0 && isInGroupOf(pid, writer)
  }

  /** Undefined if there is no such file. */
  private read(): FileState | undefined {
    let fd: number | undefined
    try {
      // Opening a pipe would otherwise block until its other end is opened.
      fd = openSync(this.options.path, constants.O_RDONLY | constants.O_NONBLOCK)
      const stat = fstatSync(fd, { bigint: true })
      if (!stat.isFile()) return undefined
      const bytes = Buffer.alloc(Math.min(Number(stat.size), CONTENT_LIMIT))
      const size = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, 0)
      const content = heartbeatIn(bytes.toString("utf8", 0, size))
      return { fingerprint: `${stat.ino} ${stat.mtimeNs} ${stat.size}`, content, isWhole: stat.size <= CONTENT_LIMIT }
    } catch {
      return undefined
    } finally {
      if (fd !== undefined) closeSync(fd)
    }
  }

  // ---------------------------------------------------------------- when to check

  /** Watches the folder that exists now, if it is not the one already watched. */
  private watch(): void {
    const folder = identity(this.folder)
    if (this.watcher !== undefined && folder === this.watched) return
    this.unwatch()
    if (folder !== "") {
      try {
        const watcher = watch(this.folder, { persistent: false }, (kind, name) => this.onChange(kind, name))
        watcher.on("error", () => this.watcher === watcher && this.startPolling())
        this.watcher = watcher
        this.watched = folder
      } catch {
        // No watch is left, or we lack the permission: polling does it, too.
      }
    }
    if (this.watcher === undefined) this.startPolling()
    else {
      clearInterval(this.poll)
      this.poll = undefined
    }
  }

  private unwatch(): void {
    this.watcher?.close()
    this.watcher = undefined
  }

  private startPolling(): void {
    this.unwatch()
    if (this.closed) return
    this.poll ??= setInterval(() => this.check(), Math.max(SHORTEST_POLL_MS, this.options.every / 2)).unref()
  }

  /** Something happened in the folder to this name. What happens to the folder itself comes under its own name. */
  private onChange(kind: string, name: string | null): void {
    // The folder may be gone, and its watch with it. A new folder in its place may get the same inode number.
    if (kind === "rename" && name === basename(this.folder)) this.watched = ""
    if (this.closed || this.delayed !== undefined) return
    if (name !== null && name !== this.name && name !== basename(this.folder)) return
    const waitMs = this.checkedAt + MIN_CHECK_INTERVAL_MS - monotonicMs()
    if (waitMs <= 0) return this.check()
    this.delayed = setTimeout(() => {
      this.delayed = undefined
      this.check()
    }, waitMs).unref()
  }
}

/** Tells one folder from another that takes its place; empty if there is none. */
function identity(folder: string): string {
  try {
    const stat: BigIntStats = statSync(folder, { bigint: true })
    return stat.isDirectory() ? `${stat.dev} ${stat.ino}` : ""
  } catch {
    return ""
  }
}
