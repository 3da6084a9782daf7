/** The files of the daemon's state: heartbeat.json, status.json and devloop.pid, in a folder of its own. */
import { closeSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"

export const STATE = process.env.DEVLOOP_STATE || ".supervise/devloop"
export const FOLDER = process.env.DEVLOOP_FOLDER || join(STATE, "watched")
export const BEAT_MS = Number(process.env.DEVLOOP_BEAT_MS || 2000)

const PID = join(STATE, "devloop.pid")
const HEARTBEAT = join(STATE, "heartbeat.json")

/** Takes over the files, also those of a predecessor that was killed. */
export function takeOver() {
  mkdirSync(STATE, { recursive: true, mode: 0o700 })
  if (!process.env.DEVLOOP_FOLDER) mkdirSync(FOLDER, { recursive: true })
  const other = livingOther()
  if (other) {
    console.error(`pid ${other} is at work in ${STATE} already. Stop that one, or set DEVLOOP_STATE.`)
    process.exit(1)
  }
  writeFileSync(PID, `${process.pid}\n`)
  process.on("exit", () => rmSync(PID, { force: true }))
}

/** The pid of another daemon that runs here. A pid alone proves nothing: it may have been reused. */
function livingOther() {
  try {
    const { pid, timestamp } = JSON.parse(readFileSync(HEARTBEAT, "utf8"))
    const fresh = Date.now() - Date.parse(timestamp) < 3 * BEAT_MS
    return fresh && pid > 1 && pid !== process.pid && process.kill(pid, 0) && pid
  } catch {} // no heartbeat, or no process with that pid
}

export const beat = () =>
  write(HEARTBEAT, { timestamp: new Date().toISOString(), pid: process.pid, uptime_seconds: Math.floor(process.uptime()) })
export const writeStatus = (status) => write(join(STATE, "status.json"), status)

/**
 * Readers find the old file or the new one, never half of it. If it cannot be written, the daemon exits, and the tree
 * decides.
 */
function write(path, value) {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`)
  renameSync(`${path}.new`, path)
}

/** Reports readiness to the supervisor by a newline on the descriptor it named, and to people by a line. */
export function ready(text) {
  console.log(text)
  const fd = Number(process.env.SUPERVISE_FD)
  if (!(fd > 2)) return
  writeSync(fd, "\n")
  closeSync(fd)
}
