/** Events on disk, one JSON per line, only ever appended. What is written before it is answered survives its writer. */
import { closeSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs"

/** All past events, and how to append one. */
export function openJournal(path) {
  closeSync(openSync(path, "a", 0o600))
  const text = readFileSync(path)
  const whole = text.subarray(0, text.lastIndexOf("\n") + 1) // an incomplete last line was never answered
  truncateSync(path, whole.length)
  const lines = whole.toString("utf8").split("\n").filter(Boolean)
  const file = openSync(path, "a")
  return { events: lines.map((line) => JSON.parse(line)), append: (event) => void writeSync(file, `${JSON.stringify(event)}\n`) }
}
