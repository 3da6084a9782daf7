/**
 * The daemon: checks every file of a folder when it changes, prints what it found, and shows by its heartbeat that it
 * runs.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { check } from "./check.js"
import { watchFolder } from "./folder.js"
import { BEAT_MS, beat, FOLDER, ready, takeOver, writeStatus } from "./state.js"

const SIZE_LIMIT = 1024 * 1024

const files = new Map() // name → its problems
let checks = 0

function changed(name, size) {
  checks += 1
  const problems = size > SIZE_LIMIT ? [`is larger than ${SIZE_LIMIT} bytes, and not checked`] : problemsIn(name)
  files.set(name, problems)
  for (const problem of problems.length > 0 ? problems : ["is well"]) console.log(`${name} ${problem}`)
}

function problemsIn(name) {
  let text
  try {
    text = readFileSync(join(FOLDER, name), "utf8")
  } catch ({ code }) {
    return [`cannot be read (${code})`]
  }
  return check(name, text)
}

function gone(name) {
  files.delete(name)
  console.log(`${name} is gone`)
}

const settled = () => writeStatus({ updated: new Date().toISOString(), checks, files: Object.fromEntries([...files].sort()) })

process.once("SIGTERM", () => process.exit(0))
process.once("uncaughtException", (error) => {
  console.error(error.syscall ? `cannot go on: ${error.message}` : error) // an error of the system, or a bug
  process.exit(1)
})
takeOver()
beat()
setInterval(beat, BEAT_MS)
watchFolder({ changed, gone, settled })
ready(`watching ${files.size} files in ${FOLDER}`)
