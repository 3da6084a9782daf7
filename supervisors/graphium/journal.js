/** Events on disk, one JSON a line, only ever appended. What is written before it is answered is not lost with its writer. */
import { closeSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs"

/** All that has happened, and how to add to it. */
export function openJournal(path) {
  closeSync(openSync(path, "a", 0o600))
  const text = readFileSync(path)
  const whole = text.subarray(0, text.lastIndexOf("\n") + 1) // a last line that is not whole was never answered
  truncateSync(path, whole.length)
  const lines = whole.toString("utf8").split("\n").filter(Boolean)
  const file = openSync(path, "a")
  return { events: lines.map((line) => JSON.parse(line)), append: (event) => void writeSync(file, `${JSON.stringify(event)}\n`) }
}
