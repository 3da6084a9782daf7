/**
 * Is a file there, and has it been written lately?
 *
 * A heartbeat file is JSON with a `timestamp`, which says more than the time of the last change: that is also new when somebody copied or
 * restored it. While it is written it may be cut off or empty, and then the time of its last change is what there is.
 */
import { constants } from "node:fs"
import { type FileHandle, open, stat } from "node:fs/promises"
import { resolve } from "node:path"
import { sayDuration } from "../../tree/duration.ts"
import type { FileCheck } from "../../tree/Probe.ts"
import { heartbeatIn } from "../heartbeatContent.ts"
import { belongs } from "../os/belongs.ts"
import { MOST_READ, type ProbeResult, unanswered, withDeadline } from "./ProbeResult.ts"
import type { ProbeTarget, RunCheck } from "./ProbeTarget.ts"

/** A heartbeat file that is written now may be dated so far ahead: whole seconds are rounded up by some. */
const AHEAD_MS = 1_000

export const file =
  ({ path, maxAge, timeout }: FileCheck): RunCheck =>
  (target, signal) =>
    withDeadline({ timeout, signal, late: () => unanswered(timeout) }, (settle) => {
      if (maxAge === undefined) {
        const because = (error: unknown) => settle(absent(path, error))
        stat(resolve(target.cwd, path)).then(() => settle(undefined), because)
      } else lastBeat(path, target).then((beat) => settle("at" in beat ? tooOld(beat.at, maxAge) : beat.because))
      // A file system that hangs holds a thread of Node's whatever we do; the file is closed when it comes back.
      return (gone) => gone()
    })

const tooOld = (at: number, maxAge: number): ProbeResult => {
  const age = Date.now() - at
  if (age < -AHEAD_MS) return `its heartbeat file is dated ${sayDuration(-age)} in the future`
  return age <= maxAge ? undefined : `its heartbeat file was last written ${sayDuration(age)} ago, ${sayDuration(maxAge)} allowed`
}

/** When a heartbeat was written, in milliseconds since 1970; or why it counts for none. */
type Beat = { readonly at: number } | { readonly because: string }

/** The last heartbeat in a file that may be relative to the worker's folder. Never rejects. */
export async function lastBeat(path: string, target: Pick<ProbeTarget, "cwd" | "pid">): Promise<Beat> {
  let handle: FileHandle | undefined
  try {
    // Without this flag, to open a pipe that nobody writes to would hold a thread for ever.
    handle = await open(resolve(target.cwd, path), constants.O_RDONLY | constants.O_NONBLOCK)
    const about = await handle.stat()
    const { writtenAt, pid = 0 } = (about.isFile() ? await written(handle) : undefined) ?? {}
    if (pid > 0 && target.pid > 0 && !belongs(pid, target.pid)) {
      return { because: `its heartbeat file was written by pid ${pid}, an earlier life` }
    }
    return { at: writtenAt ?? about.mtimeMs }
  } catch (error) {
    return { because: absent(path, error) }
  } finally {
    await handle?.close().catch(() => undefined)
  }
}

/** What stands in it, if it is a heartbeat. */
const written = async (handle: FileHandle): Promise<ReturnType<typeof heartbeatIn>> => {
  const bytes = Buffer.alloc(MOST_READ)
  const { bytesRead } = await handle.read(bytes, 0, MOST_READ, 0)
  return heartbeatIn(bytes.toString("utf8", 0, bytesRead))
}

const absent = (path: string, error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `there is no file ${path}`
    case "ENXIO":
      return `${path} is a socket, and no file that is written`
    case "EACCES":
      return `the file ${path} may not be read by us`
    default:
      return `the file ${path} could not be read: ${message}`
  }
}
