/** The checks of a file. Each problem is the end of a sentence that begins with the file's name. */
import { extname } from "node:path"

const LINE_LENGTH = 140
const TOLD = 5 // how many lines a problem names; it counts the others

const checks = [
  (text, file) => (extname(file) === ".json" ? notJson(text) : undefined),
  (text) => linesWith(text, /^(<{7}|>{7}) /, "has conflict marks"),
  (text) => linesWith(text, /\b(TODO|FIXME)\b/, "puts something off"),
  (text) => linesWith(text, /[ \t]+$/, "has space at the end of lines"),
  (text) => linesWith(text, new RegExp(`^.{${LINE_LENGTH + 1}}`, "u"), `has lines of more than ${LINE_LENGTH} characters`)
]

export const check = (file, text) => checks.map((one) => one(text, file)).filter(Boolean)

function notJson(text) {
  try {
    JSON.parse(text)
  } catch ({ message }) {
    return `is not JSON: ${message.replaceAll("\n", " ")}`
  }
}

function linesWith(text, pattern, problem) {
  const lines = text.split(/\r?\n/).flatMap((line, i) => (pattern.test(line) ? [i + 1] : []))
  const more = lines.length > TOLD ? ` and ${lines.length - TOLD} more` : ""
  return lines.length > 0 ? `${problem}: line ${lines.slice(0, TOLD).join(", ")}${more}` : undefined
}
