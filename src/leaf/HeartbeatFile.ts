/**
 * A file that a process writes again and again to say that it lives.
 *
 * Its folder is watched, so that a beat is known when it is made, and so that the file may be replaced by a rename, deleted, and made again.
 * Where that cannot be (the folder is missing, or the system has no watch left) we look, twice in each interval, until it can. The file's
 * time of change is of the clock on the wall and so coarse that it only says that there was one; the time of a beat is when we saw it.
 *
 * Not seen at once are a change through a symbolic link or from another machine, and a folder that moved with a folder above it: call `look`
 * before you judge.
 */
import { type BigIntStats, closeSync, constants, type FSWatcher, fstatSync, openSync, readSync, statSync, watch } from "node:fs"
import { basename, dirname } from "node:path"
import { heartbeatIn } from "./heartbeatContent.ts"
import { belongs } from "./os/belongs.ts"
import { monotonicMs } from "./os/monotonic.ts"

/** So much of the file is read, in bytes; what a longer one says is not known. */
const CONTENT_LIMIT = 4 * 1024
/** Between two looks is at least so much time, in milliseconds: who writes in a loop costs us nothing more. */
const REST_MS = 5
/** Never more often than this, however short the interval; in milliseconds. */
const SHORTEST_POLL_MS = 5

export interface HeartbeatFileOptions {
  /** Absolute. */
  readonly path: string
  /** The interval of the beats, in milliseconds. */
  readonly every: number
  /** Of this worker; content that names a process of another one is not a beat of this life. 0, or left out: whoever writes it. */
  readonly pid?: number
  /** `receivedAt`: milliseconds of CLOCK_MONOTONIC. It must not throw. */
  readonly onBeat: (receivedAt: number) => void
}

/** The file as it was when we looked. */
interface Seen {
  readonly mark: string
  readonly content: ReturnType<typeof heartbeatIn>
  /** No more stands in it than we read. */
  readonly isWhole: boolean
}

export class HeartbeatFile {
  private readonly options: HeartbeatFileOptions
  private readonly folder: string
  private readonly name: string
  /** Of the file when we last looked; empty where there was none. */
  private mark = ""
  private wasJson = false
  private watcher: FSWatcher | undefined = undefined
  /** Of the folder that is watched. */
  private watched = ""
  private poll: NodeJS.Timeout | undefined = undefined
  private later: NodeJS.Timeout | undefined = undefined
  private lookedAt = Number.NEGATIVE_INFINITY
  private closed = false

  /** What is in the file by now was written by an earlier life, unless it names the pid of this one. */
  constructor(options: HeartbeatFileOptions) {
    this.options = options
    this.folder = dirname(options.path)
    this.name = basename(options.path)
    this.watch()
    const there = this.read()
    if (there !== undefined && this.isOurs(there.content?.pid)) this.take(there)
    else this.mark = there?.mark ?? ""
  }

  /** Looks now, and tells the beat that came since we last looked, if there is one. */
  look(): void {
    if (this.closed) return
    this.watch()
    this.lookedAt = monotonicMs()
    const there = this.read()
    if (there === undefined) this.mark = ""
    else if (there.mark !== this.mark) this.take(there)
  }

  close(): void {
    this.closed = true
    this.unwatch()
    clearInterval(this.poll)
    clearTimeout(this.later)
  }

  // ---------------------------------------------------------------- the file

  private take({ mark, content, isWhole }: Seen): void {
    // Who once wrote JSON is in the middle of writing it: the rest comes in a moment, and is the beat. (It may be we who did not read it all.)
    if (this.wasJson && content === undefined && isWhole) return
    this.mark = mark
    this.wasJson = content !== undefined
    const { pid = 0, onBeat } = this.options
    if (pid > 0 && content?.pid !== undefined && !this.isOurs(content.pid)) return
    onBeat(monotonicMs())
  }

  /** Does it surely name a process of this life? */
  private isOurs(writer: number | undefined): boolean {
    const { pid = 0 } = this.options
    return writer !== undefined && writer > 0 && pid > 0 && belongs(writer, pid)
  }

  /** Undefined where there is no such file. */
  private read(): Seen | undefined {
    let fd: number | undefined
    try {
      // A pipe in its place would otherwise be waited for, until somebody opens its other end.
      fd = openSync(this.options.path, constants.O_RDONLY | constants.O_NONBLOCK)
      const stat = fstatSync(fd, { bigint: true })
      if (!stat.isFile()) return undefined
      const bytes = Buffer.alloc(Math.min(Number(stat.size), CONTENT_LIMIT))
      const size = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, 0)
      const content = heartbeatIn(bytes.toString("utf8", 0, size))
      return { mark: `${stat.ino} ${stat.mtimeNs} ${stat.size}`, content, isWhole: stat.size <= CONTENT_LIMIT }
    } catch {
      return undefined
    } finally {
      if (fd !== undefined) closeSync(fd)
    }
  }

  // ---------------------------------------------------------------- when to look

  /** Watches the folder that is there now, if it is not the one that is watched. */
  private watch(): void {
    const folder = identity(this.folder)
    if (this.watcher !== undefined && folder === this.watched) return
    this.unwatch()
    if (folder !== "") {
      try {
        const watcher = watch(this.folder, { persistent: false }, (kind, name) => this.heard(kind, name))
        watcher.on("error", () => this.watcher === watcher && this.lost())
        this.watcher = watcher
        this.watched = folder
      } catch {
        // No watch is left, or we may not: looking does it, too.
      }
    }
    if (this.watcher === undefined) this.lost()
    else {
      clearInterval(this.poll)
      this.poll = undefined
    }
  }

  private unwatch(): void {
    this.watcher?.close()
    this.watcher = undefined
  }

  private lost(): void {
    this.unwatch()
    if (this.closed) return
    this.poll ??= setInterval(() => this.look(), Math.max(SHORTEST_POLL_MS, this.options.every / 2)).unref()
  }

  /** Something happened in the folder to this name; what happens to the folder itself comes under its own. */
  private heard(kind: string, name: string | null): void {
    // The folder may be gone, and its watch with it: one that comes in its place may get its number.
    if (kind === "rename" && name === basename(this.folder)) this.watched = ""
    if (this.closed || this.later !== undefined) return
    if (name !== null && name !== this.name && name !== basename(this.folder)) return
    const rest = this.lookedAt + REST_MS - monotonicMs()
    if (rest <= 0) return this.look()
    this.later = setTimeout(() => {
      this.later = undefined
      this.look()
    }, rest).unref()
  }
}

/** Tells one folder from another that comes in its place; empty where there is none. */
function identity(folder: string): string {
  try {
    const stat: BigIntStats = statSync(folder, { bigint: true })
    return stat.isDirectory() ? `${stat.dev} ${stat.ino}` : ""
  } catch {
    return ""
  }
}
