/**
 * Pipes for the output of leaves. Node gives a child socket pairs, and these are not what programs expect: a socket
 * cannot be opened as /dev/stdout, and a Node program writes to one asynchronously, so its last words are lost when it
 * crashes. Node cannot make a pipe, but it can open a named one, which is the same once its name is gone.
 */
import { spawnSync } from "node:child_process"
import { closeSync, constants, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

interface Pipe {
  /** Does not block. */
  readonly read: number
  /** Blocks, as programs expect it. */
  readonly write: number
}

/**
 * Pipes are made in advance, as `mkfifo` is a process of its own: it takes 5 ms, for one or for many. Few are kept, as
 * each takes two descriptors.
 */
const FEWEST = 8
const MOST = 256
/** Names are made here where it is possible: on a disk they may take ten times as long. */
const MEMORY = ["/dev/shm"]

export class PipeStock {
  private pipes: Array<Pipe> = []
  private isPossible = true
  private wanted = 0

  /** So many will soon be taken. */
  expect(count: number): void {
    this.wanted = count
    while (this.pipes.length > Math.max(FEWEST, count)) closePipe(this.pipes.pop()!)
  }

  /** Undefined where a pipe cannot be made; then a socket pair has to do. */
  take(): Pipe | undefined {
    if (this.pipes.length === 0 && this.isPossible) this.makeSome()
    return this.pipes.pop()
  }

  close(): void {
    this.isPossible = false
    for (const pipe of this.pipes.splice(0)) closePipe(pipe)
  }

  private makeSome(): void {
    let folder: string | undefined
    try {
      folder = mkdtempSync(join(MEMORY.find(existsSync) ?? tmpdir(), "supervise-"))
      const names = Array.from({ length: batchFor(this.wanted) }, (_, n) => join(folder!, String(n)))
      const { error, status } = spawnSync("mkfifo", ["-m", "600", ...names], { stdio: "ignore" })
      if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") this.isPossible = false
      if (status !== 0) return
      for (const name of names) this.pipes.push(open(name))
    } catch {
      // The disk is full, or there are too many open files: what there is will do.
    } finally {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** At most a sixteenth of the descriptors that we may have. */
const batchFor = (wanted: number): number => Math.max(1, Math.min(MOST, Math.max(FEWEST, wanted), Math.floor(fileLimit() / 32)))

function fileLimit(): number {
  try {
    const [, limit = "Infinity"] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? []
    return Number(limit)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

function closePipe({ read, write }: Pipe): void {
  closeSync(read)
  closeSync(write)
}

/** Another end that reads, for a process that expects its input to block. */
export const blockingRead = ({ read }: Pipe): number => openSync(`/dev/fd/${read}`, constants.O_RDONLY)

/** The end that reads comes first: opening one to write waits for it. */
function open(name: string): Pipe {
  const read = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    return { read, write: openSync(name, constants.O_WRONLY) }
  } catch (error) {
    closeSync(read)
    throw error
  }
}
