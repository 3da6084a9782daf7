/**
 * `supervise/notify`: for a Node program that is supervised, to say that it is ready, and that it is alive.
 *
 *     import { beat, ready } from "supervise/notify"
 *
 *     server.listen(8080, ready)
 *     while (true) {
 *       await work(await next())
 *       beat()
 *     }
 *
 * It needs nothing but Node. Nothing here ever throws, waits or keeps the process alive, and where nobody supervises, nothing happens. It
 * belongs to the main thread: the end of a worker thread would close the descriptor for all, so in one nothing happens either.
 */
import { fstatSync, writeSync } from "node:fs"
import { Socket } from "node:net"
import { isMainThread } from "node:worker_threads"

/** So soon a readiness for which there was no room is said again, in milliseconds. */
const AGAIN_MS = 100
/** Those below are input and output. */
const LOWEST_FD = 3

/**
 * Says that this process is ready, for `ready: fd()`; the first call counts. Should the supervisor not read just now, it is said later,
 * as long as this process lives.
 */
export function ready(): void {
  if (said) return
  said = true
  sayReady()
}

/**
 * Says that the work goes on: to be called from the loop that does the work, as often as you like. Of many calls it writes one in each
 * interval that the supervisor has asked for (`SUPERVISE_BEAT_MS`); that costs some ten microseconds, and each of the others a tenth of one.
 * A beat that the supervisor does not take is dropped. Should the loop wait for work for longer than an interval, it is to turn and beat
 * while it waits.
 */
export function beat(): void {
  if (channel === undefined || intervalMs === undefined) return
  const [seconds, nanos] = process.hrtime()
  const now = seconds * 1e3 + nanos / 1e6
  if (now < due) return
  // Not simply one interval from now: of calls that come every 99 ms, or by a timer of 100 ms that is sometimes early, every second one
  // would come too early, and the beats every 198 ms.
  due = Math.max(due + intervalMs, now + intervalMs / 2)
  channel.write(`beat ${seconds * 1_000_000 + Math.floor(nanos / 1_000)}\n`)
}

/**
 * Beats by a timer, from now on until the answer is called. This proves that the event loop of this process turns, and only that: a program
 * whose work has stopped, because it waits for an answer that never comes, beats on. Prefer `beat()` in the loop that does the work.
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
   * Never used: it would keep what it cannot write, and the process alive until then. That Node has it makes the descriptor one that does
   * not block, which nothing else in Node does; and it is held here because the descriptor would be closed with it.
   */
  readonly holder: Socket
  /** Answers whether there was room. */
  readonly write: (line: string) => boolean
}

const intervalMs = positive(process.env.SUPERVISE_BEAT_MS)
/** Looked for when this is loaded, as then few other descriptors are open that could be taken for it. */
const channel = isMainThread ? open(positive(process.env.SUPERVISE_FD)) : undefined
let said = false
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
      // Full: the supervisor stands still. Anything else is the end of it.
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
 * Environments are inherited, descriptors are not: in a program that a supervised one has started, the same number may mean anything. Only
 * a socket can be ours; and one that this program itself uses, as a forked one does to talk with its parent, is not opened a second time.
 */
function isOurs(fd: number): boolean {
  try {
    return fd >= LOWEST_FD && fstatSync(fd).isSocket()
  } catch {
    return false
  }
}

function sayReady(): void {
  if (channel?.write("ready\n") === false) setTimeout(sayReady, AGAIN_MS).unref()
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text)
  return value > 0 && Number.isFinite(value) ? value : undefined
}
