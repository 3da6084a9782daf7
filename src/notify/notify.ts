/**
 * `supervise/notify`: lets a supervised Node program report that it is ready, and that it is alive.
 *
 *     import { beat, ready } from "supervise/notify"
 *
 *     server.listen(8080, ready)
 *     while (true) {
 *       await work(await next())
 *       beat()
 *     }
 *
 * It needs only Node. Nothing here ever throws, waits or keeps the process running, and without a supervisor nothing
 * happens. It works on the main thread only: a worker thread that ends would close the descriptor for all.
 */
import { fstatSync, writeSync } from "node:fs"
import { Socket } from "node:net"
import { isMainThread } from "node:worker_threads"

/** How long until a readiness that could not be written is written again. */
const RETRY_MS = 100
/** Lower descriptors are stdin, stdout and stderr. */
const LOWEST_FD = 3

/**
 * Reports that this process is ready, for `ready: fd()`. Only the first call counts. If the supervisor does not read at
 * the moment, it is reported later, as long as this process runs.
 */
export function ready(): void {
  if (isReady) return
  isReady = true
  sayReady()
}

/**
 * Reports that the work goes on. Call it from the loop that does the work, as often as you like. Of many calls, one is
 * written per interval that the supervisor asked for (`SUPERVISE_BEAT_MS`); that one takes some ten microseconds, any
 * other a tenth of one. A beat that the supervisor does not read is dropped. A loop that may wait for work longer than
 * an interval should wake up and beat while it waits.
 */
export function beat(): void {
  if (channel === undefined || intervalMs === undefined) return
  const [seconds, nanos] = process.hrtime()
  const now = seconds * 1e3 + nanos / 1e6
  if (now < due) return
  // Not simply one interval from now: with calls every 99 ms, or from a timer of 100 ms that is sometimes early, every
  // second call would come too early, and beats only every 198 ms.
  due = Math.max(due + intervalMs, now + intervalMs / 2)
  channel.write(`beat ${seconds * 1_000_000 + Math.floor(nanos / 1_000)}\n`)
}

/**
 * Beats by a timer until the returned function is called. This proves only that the event loop runs: a program whose
 * work waits for an answer that never comes keeps beating. Prefer `beat()` in the loop that does the work.
 */
export function beating(): () => void {
  if (channel === undefined || intervalMs === undefined) return () => {}
  beat()
  const timer = setInterval(beat, intervalMs).unref()
  return () => clearInterval(timer)
}

// ---------------------------------------------------------------- the descriptor

interface Channel {
  /**
   * Never written to: it would buffer what it cannot write, and keep the process running until then. Creating it makes
   * the descriptor non-blocking, which nothing else in Node does; and it is kept because the descriptor is closed with
   * it.
   */
  readonly holder: Socket
  /** Returns whether there was room. */
  readonly write: (line: string) => boolean
}

const intervalMs = positive(process.env.SUPERVISE_BEAT_MS)
/** Opened when this module is loaded, when few other descriptors are open that could be mistaken for it. */
const channel = isMainThread ? open(positive(process.env.SUPERVISE_FD)) : undefined
let isReady = false
/** When the next beat may be written, in milliseconds of CLOCK_MONOTONIC. */
let due = 0

function open(fd: number | undefined): Channel | undefined {
  if (fd === undefined || !isOurs(fd)) return undefined
  let closed = false
  const write = (line: string): boolean => {
    if (closed) return true
    try {
      writeSync(fd, line)
    } catch (error) {
      // Full: the supervisor does not read at the moment. Any other error means that it is gone.
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false
      closed = true
    }
    return true
  }
  try {
    return { holder: new Socket({ fd, readable: false, writable: true }).on("error", () => {}).unref(), write }
  } catch {
    return undefined
  }
}

/**
 * The environment is inherited but descriptors are not: in a program that a supervised one has started, the number may
 * mean anything. Only a socket can be ours; and one that this program already uses, as a forked one does to talk to its
 * parent, is not opened a second time.
 */
function isOurs(fd: number): boolean {
  try {
    return fd >= LOWEST_FD && fstatSync(fd).isSocket()
  } catch {
    return false
  }
}

function sayReady(): void {
  if (channel?.write("ready\n") === false) setTimeout(sayReady, RETRY_MS).unref()
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text)
  return value > 0 && Number.isFinite(value) ? value : undefined
}
