/**
 * Checks that a file exists, and with `maxAge` that it was written recently.
 *
 * Its age counts from when we saw it change, or from when we first saw it: dates in the file or of the file come from
 * the wall clock, which jumps when it is set and when the machine has slept. A heartbeat file is JSON with a
 * `timestamp`, which is more reliable than the time of the last change: copying or restoring the file renews that.
 */
import { constants } from "node:fs"
import { type FileHandle, open, stat } from "node:fs/promises"
import { resolve } from "node:path"
import { sayDuration } from "../../tree/duration.ts"
import type { FileCheck } from "../../tree/Probe.ts"
import { heartbeatIn } from "../heartbeatContent.ts"
import { monotonicMs } from "../os/monotonic.ts"
import { isInGroupOf } from "../os/proc.ts"
import { MAX_READ, noAnswerWithin, type ProbeResult, withDeadline } from "./ProbeResult.ts"
import type { ProbeTarget, RunCheck } from "./ProbeTarget.ts"

export const file = ({ path, maxAge, timeout }: FileCheck): RunCheck => {
  const age = new FileAge()
  return (target, signal) =>
    withDeadline({ timeout, signal, onTimeout: () => noAnswerWithin(timeout) }, (settle) => {
      if (maxAge === undefined) {
        const fail = (error: unknown) => settle(unreadable(path, error))
        stat(resolve(target.cwd, path)).then(() => settle(undefined), fail)
      } else lastBeat(path, target).then((beat) => settle("version" in beat ? tooOld(age.of(beat.version), maxAge) : beat.because))
      // A hanging file system holds a thread of Node whatever we do; the file is closed when it comes back.
      return (done) => done()
    })
}

const tooOld = (age: number, maxAge: number): ProbeResult =>
  age <= maxAge ? undefined : `its heartbeat file was last written ${sayDuration(age)} ago, ${sayDuration(maxAge)} allowed`

/** How long ago the file changed, as far as we saw. */
class FileAge {
  private version: string | undefined = undefined
  private since = 0

  /** In milliseconds. */
  of(version: string): number {
    if (version !== this.version) {
      this.version = version
      this.since = monotonicMs()
    }
    return monotonicMs() - this.since
  }
}

/** What tells one writing of the file from the next; or why it does not count. */
type Beat = { readonly version: string } | { readonly because: string }

/** The last heartbeat in a file; a relative path starts at the worker's folder. Never rejects. */
async function lastBeat(path: string, target: Pick<ProbeTarget, "cwd" | "pid">): Promise<Beat> {
  let handle: FileHandle | undefined
  try {
    // Without this flag, opening a pipe without a writer would block a thread for ever.
    handle = await open(resolve(target.cwd, path), constants.O_RDONLY | constants.O_NONBLOCK)
    const stats = await handle.stat({ bigint: true })
    const { timestamp, pid = 0 } = (stats.isFile() ? await contentOf(handle) : undefined) ?? {}
    if (pid > 0 && target.pid > 0 && !isInGroupOf(target.pid, pid)) {
      return { because: `its heartbeat file was written by pid ${pid}, which is not of this incarnation` }
    }
    return { version: timestamp ?? `${stats.ino} ${stats.mtimeNs} ${stats.size}` }
  } catch (error) {
    return { because: unreadable(path, error) }
  } finally {
    await handle?.close().catch(() => undefined)
  }
}

/** Its content, if it is a heartbeat. */
const contentOf = async (handle: FileHandle): Promise<ReturnType<typeof heartbeatIn>> => {
  const bytes = Buffer.alloc(MAX_READ)
  const { bytesRead } = await handle.read(bytes, 0, MAX_READ, 0)
  return heartbeatIn(bytes.toString("utf8", 0, bytesRead))
}

const unreadable = (path: string, error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `there is no file ${path}`
    case "ENXIO":
      return `${path} is a socket, not a file`
    case "EACCES":
      return `we have no permission to read the file ${path}`
    default:
      return `the file ${path} could not be read: ${message}`
  }
}
